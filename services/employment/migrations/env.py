from chassis.migrations.environment import run

run()
