-- Resident ids in uploaded files, as contracts/resident_id.py reads them: what is wrong with one, the eighteen
-- characters behind it, and the person key. Statements are separated by blank lines, and hold none.

-- The last character that belongs to seventeen digits (GB 11643).
CREATE OR REPLACE FUNCTION chassis.check_character(seventeen text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    d bytea := seventeen::bytea;
BEGIN
    -- 4800 is 48, the code of "0", times the sum of the weights.
    RETURN substr('10X98765432', 1 + (
        7 * get_byte(d, 0) + 9 * get_byte(d, 1) + 10 * get_byte(d, 2) + 5 * get_byte(d, 3) + 8 * get_byte(d, 4)
        + 4 * get_byte(d, 5) + 2 * get_byte(d, 6) + get_byte(d, 7) + 6 * get_byte(d, 8) + 3 * get_byte(d, 9)
        + 7 * get_byte(d, 10) + 9 * get_byte(d, 11) + 10 * get_byte(d, 12) + 5 * get_byte(d, 13)
        + 8 * get_byte(d, 14) + 4 * get_byte(d, 15) + 2 * get_byte(d, 16) - 4800) % 11, 1);
END $$;

-- The problem of a resident id, as contracts.resident_id names it; NULL when there is none or the cell is blank.
-- `id-number-format` is our own: a spreadsheet made a number of it, and the digits are lost.
CREATE OR REPLACE FUNCTION chassis.resident_id_problem_slowly(written text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    number text := written;
BEGIN
    IF number !~ '^[0-9]{17}[0-9X]$' THEN
        number := ltrim(upper(chassis.compact(number)), '''');
        IF number = '' THEN
            RETURN NULL;
        ELSIF number ~ '^[0-9](\.[0-9]+)?E\+?[0-9]{2}$' THEN
            RETURN 'id-number-format';
        ELSIF number ~ '^[0-9]{15}$' THEN
            number := left(number, 6) || '19' || substr(number, 7);
        ELSIF number !~ '^[0-9]{17}[0-9X]([0-9]{2}|[0-9]{4})?$' THEN
            RETURN 'id-form';
        END IF;
    END IF;
    IF NOT chassis.is_day(
        substr(number, 7, 4)::integer, substr(number, 11, 2)::integer, substr(number, 13, 2)::integer) THEN
        RETURN 'id-birth-date';
    ELSIF length(number) > 17 AND chassis.check_character(left(number, 17)) <> substr(number, 18, 1) THEN
        RETURN 'id-check-digit';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION chassis.resident_id_problem(written text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        WHEN written ~ '^[0-9X]+$' AND length(written) = 18 AND written NOT LIKE '%X_%'
            AND pg_input_is_valid(substr(written, 7, 8), 'date')
            AND chassis.check_character(left(written, 17)) = right(written, 1)
        THEN NULL
        ELSE chassis.resident_id_problem_slowly(written)
    END;

-- The eighteen characters behind a written resident id; NULL when it is not one.
CREATE OR REPLACE FUNCTION chassis.read_resident_id_slowly(written text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    number text := written;
BEGIN
    IF chassis.resident_id_problem_slowly(number) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF number !~ '^[0-9]{17}[0-9X]$' THEN
        number := ltrim(upper(chassis.compact(number)), '''');
        IF length(number) = 15 THEN
            number := left(number, 6) || '19' || substr(number, 7);
            number := number || chassis.check_character(number);
        END IF;
        number := nullif(left(number, 18), '');
    END IF;
    RETURN number;
END $$;

CREATE OR REPLACE FUNCTION chassis.read_resident_id(written text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        WHEN written ~ '^[0-9X]+$' AND length(written) = 18 AND written NOT LIKE '%X_%'
            AND pg_input_is_valid(substr(written, 7, 8), 'date')
            AND chassis.check_character(left(written, 17)) = right(written, 1)
        THEN written
        ELSE chassis.read_resident_id_slowly(written)
    END;

-- HMAC-SHA-256 in hex of a normalised number. `inner_pad` and `outer_pad` are the secret as HMAC uses it (RFC 2104,
-- chassis.uploads.sql.key_pads): made once, instead of sixty-four XORs a row.
CREATE OR REPLACE FUNCTION chassis.person_key(number text, inner_pad bytea, outer_pad bytea) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN encode(sha256(outer_pad || sha256(inner_pad || number::bytea)), 'hex');
