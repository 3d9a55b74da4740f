-- The functions and triggers on `calls`: counts that no code path can forget. Statements are parted by blank lines.
-- Rows are written in the order of their key: two statements that touch the same runs lock them in the same order and
-- cannot deadlock.
CREATE OR REPLACE FUNCTION count_calls_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_counts (run_id, channel, status, n)
    SELECT run_id, channel, status, count(*) FROM added
    GROUP BY run_id, channel, status ORDER BY run_id, channel, status
    ON CONFLICT (run_id, channel, status) DO UPDATE SET n = run_counts.n + excluded.n;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_calls_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_counts (run_id, channel, status, n)
    SELECT run_id, channel, status, sum(d) FROM (
        SELECT run_id, channel, status, 1 FROM added
        UNION ALL
        SELECT run_id, channel, status, -1 FROM removed
    ) AS deltas (run_id, channel, status, d)
    GROUP BY run_id, channel, status HAVING sum(d) <> 0 ORDER BY run_id, channel, status
    ON CONFLICT (run_id, channel, status) DO UPDATE SET n = run_counts.n + excluded.n;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_calls_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_counts (run_id, channel, status, n)
    SELECT run_id, channel, status, -count(*) FROM removed
    GROUP BY run_id, channel, status ORDER BY run_id, channel, status
    ON CONFLICT (run_id, channel, status) DO UPDATE SET n = run_counts.n + excluded.n;
    RETURN NULL;
END $$;

-- A call counts on the day whose `dialed_at` it has, once, whatever becomes of it. One that loses its `dialed_at`,
-- because its trunk did not take it, counts no more on that day: another trunk dials it again, and it must count once.
CREATE OR REPLACE FUNCTION count_dialled_calls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Added up and not joined: the plan is kept from the first use, of a row or two, and a stop brings 20,000.
    INSERT INTO dialled_days (account_id, day, calls)
    SELECT runs.account_id, (moved.dialed_at AT TIME ZONE 'Asia/Kathmandu')::date AS day, sum(moved.n)
    FROM (
        SELECT run_id, dialed_at, 1 AS n FROM added WHERE dialed_at IS NOT NULL
        UNION ALL
        SELECT run_id, dialed_at, -1 FROM removed WHERE dialed_at IS NOT NULL
    ) AS moved JOIN runs ON runs.id = moved.run_id
    GROUP BY runs.account_id, day HAVING sum(moved.n) <> 0 ORDER BY runs.account_id, day
    ON CONFLICT (account_id, day) DO UPDATE SET calls = dialled_days.calls + excluded.calls;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER count_insert AFTER INSERT ON calls REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION count_calls_insert();

CREATE OR REPLACE TRIGGER count_update AFTER UPDATE ON calls REFERENCING NEW TABLE AS added OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION count_calls_update();

CREATE OR REPLACE TRIGGER count_delete AFTER DELETE ON calls REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION count_calls_delete();

CREATE OR REPLACE TRIGGER count_dialled AFTER UPDATE ON calls REFERENCING NEW TABLE AS added OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION count_dialled_calls();
