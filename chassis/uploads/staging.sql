-- Where uploaded rows lie as they came: one table a file, uploads.file_<id>, made when it arrives and dropped when its
-- retention ends; and the malformed rows of all files. Statements are separated by blank lines, and hold none.

CREATE SCHEMA IF NOT EXISTS chassis;

CREATE SCHEMA IF NOT EXISTS uploads;

CREATE TABLE IF NOT EXISTS uploads.fault (
    upload_id uuid NOT NULL,
    line bigint NOT NULL,
    code text NOT NULL,
    raw text NOT NULL,
    PRIMARY KEY (upload_id, line)
);
