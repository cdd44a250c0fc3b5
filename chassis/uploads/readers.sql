-- Readers of the cells of uploaded files. A reader never raises: it gives NULL for what it cannot read, so that one
-- bad cell in a million rows is a finding of its own row and not the end of the file.
--
-- Each reader is a CASE that PostgreSQL folds into the query (which is why it is not STRICT): the usual form is read in
-- place, anything else goes to a function that knows all forms. In place a regular expression has a single class of
-- characters: that costs 0.4 microseconds a cell, one with several states 1.4, LIKE 0.1.
-- chassis/uploads/cells.py says the same in Python; a property test holds the two together.
-- Statements are separated by blank lines, and hold none. Digits are written [0-9]: \d would follow the locale of the database.

-- Every character that Python's str.split takes for white space and that NFKC leaves as it is.
CREATE OR REPLACE FUNCTION chassis.white_space() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN E' \t\n\v\f\r\u001c\u001d\u001e\u001f\u0085\u1680\u2028\u2029';

-- A text in narrow forms, without white space around it; NULL when nothing is left. A text that our own exports
-- had to keep from being taken for a formula loses the apostrophe again.
CREATE OR REPLACE FUNCTION chassis.read_text_slowly(written text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    tidy text := written;
BEGIN
    IF octet_length(tidy) <> length(tidy) THEN
        tidy := normalize(tidy, NFKC);
    END IF;
    tidy := btrim(tidy, chassis.white_space());
    IF tidy ~ '^''[=+@-]' THEN
        tidy := substr(tidy, 2);
    END IF;
    RETURN nullif(tidy, '');
END $$;

CREATE OR REPLACE FUNCTION chassis.read_text(written text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        -- ASCII without apostrophe, and Han characters: NFKC leaves them as they are.
        WHEN written ~ '^[!-&(-~一-鿿]+$' THEN written
        ELSE chassis.read_text_slowly(written)
    END;

-- The same without any white space within.
CREATE OR REPLACE FUNCTION chassis.compact(written text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(written) = length(written) THEN
        RETURN translate(written, chassis.white_space(), '');
    END IF;
    RETURN translate(normalize(written, NFKC), chassis.white_space(), '');
END $$;

CREATE OR REPLACE FUNCTION chassis.is_blank(written text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        -- It begins with a visible ASCII character, or with a Han one.
        WHEN written COLLATE "C" BETWEEN '!' AND '~' OR written COLLATE "C" BETWEEN '一' AND '鿿' THEN false
        ELSE chassis.read_text(written) IS NULL
    END;

CREATE OR REPLACE FUNCTION chassis.is_day(year integer, month integer, day integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN year >= 1 AND month BETWEEN 1 AND 12 AND day BETWEEN 1 AND
        CASE
            WHEN month IN (4, 6, 9, 11) THEN 30
            WHEN month <> 2 THEN 31
            WHEN year % 4 = 0 AND (year % 100 <> 0 OR year % 400 = 0) THEN 29
            ELSE 28
        END;

-- That date when there is one, from 1900 to 2100.
CREATE OR REPLACE FUNCTION chassis.day_or_null(year integer, month integer, day integer) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE
        WHEN year BETWEEN 1900 AND 2100 AND chassis.is_day(year, month, day) THEN make_date(year, month, day)
    END;

-- 2024-03-05, 2024/3/5, 2024.3.5, 20240305, 2024年3月5日; a time of day after it is ignored.
CREATE OR REPLACE FUNCTION chassis.read_date_slowly(written text) RETURNS date
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    part text[];
BEGIN
    part := regexp_match(
        chassis.read_text(written),
        '^([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?$');
    IF part IS NOT NULL THEN
        RETURN chassis.day_or_null(part[1]::integer, part[3]::integer, part[4]::integer);
    END IF;
    part := regexp_match(chassis.compact(written), '^([0-9]{4})([0-9]{2})([0-9]{2})$');
    IF part IS NULL THEN
        part := regexp_match(chassis.compact(written), '^([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日$');
    END IF;
    RETURN chassis.day_or_null(part[1]::integer, part[2]::integer, part[3]::integer);
END $$;

CREATE OR REPLACE FUNCTION chassis.read_date(written text) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        -- PostgreSQL reads far more as a date than we do; what it writes again as it stood is what we mean.
        WHEN written LIKE '____-__-__' AND written COLLATE "C" BETWEEN '1900' AND '2100-12-31'
            AND pg_input_is_valid(written, 'date') AND written::date::text = written
        THEN written::date
        ELSE chassis.read_date_slowly(written)
    END;

-- The first day of 202403, 2024-03, 2024/3, 2024.3, 2024年3月; also of a date that is the first of a month, which is
-- what Excel makes of "2024-03".
CREATE OR REPLACE FUNCTION chassis.read_month(written text) RETURNS date
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    tidy text := chassis.compact(written);
    part text[] := coalesce(
        regexp_match(tidy, '^([0-9]{4})([0-9]{2})$'),
        regexp_match(tidy, '^([0-9]{4})[-/.]([0-9]{1,2})$'),
        regexp_match(tidy, '^([0-9]{4})年([0-9]{1,2})月$'));
    day date;
BEGIN
    IF part IS NOT NULL THEN
        RETURN chassis.day_or_null(part[1]::integer, part[2]::integer, 1);
    END IF;
    day := chassis.read_date(written);
    RETURN CASE WHEN extract(day FROM day) = 1 THEN day END;
END $$;

-- 1234, -1,234.5, +12.250: at most twelve digits before the point and six after it.
CREATE OR REPLACE FUNCTION chassis.read_number_slowly(written text) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    tidy text := chassis.compact(written);
BEGIN
    IF tidy ~ '^[-+]?([0-9]{1,3}(,[0-9]{3}){1,3}|[0-9]{1,12})(\.[0-9]{1,6}0*)?$' THEN
        RETURN replace(tidy, ',', '')::numeric;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION chassis.read_number(written text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN written ~ '^[0-9]+$' AND length(written) <= 12 THEN written::numeric
        ELSE chassis.read_number_slowly(written)
    END;

-- An amount in yuan: a number, perhaps with ¥ before or 元 behind it, that has no fractions of a fen.
CREATE OR REPLACE FUNCTION chassis.read_yuan_slowly(written text) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    amount numeric;
BEGIN
    amount := chassis.read_number(regexp_replace(regexp_replace(chassis.compact(written), '^¥', ''), '元$', ''));
    RETURN CASE WHEN amount = round(amount, 2) THEN round(amount, 2) END;
END $$;

CREATE OR REPLACE FUNCTION chassis.read_yuan(written text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN written ~ '^[0-9.]+$' AND written LIKE '_%.__' AND written NOT LIKE '%.%.%' AND length(written) <= 15
        THEN written::numeric
        ELSE chassis.read_yuan_slowly(written)
    END;

CREATE OR REPLACE FUNCTION chassis.read_yes_no(written text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE
        WHEN upper(chassis.compact(written)) IN ('是', '有', 'Y', 'YES', '1', 'TRUE') THEN true
        WHEN upper(chassis.compact(written)) IN ('否', '无', 'N', 'NO', '0', 'FALSE') THEN false
    END;
