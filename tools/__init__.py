"""Commands for those who work on Shouwang; nothing that runs in a deployment."""
