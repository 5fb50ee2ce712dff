-- The questions of `natwizard fleet` as views over the collector's own table, otel_logs.
-- A run that was sent twice (a collector that answered too late) counts once, as it was sent last:
-- one that changed afterwards (a person answered a question) has a later time.
-- tests/fleet/test_clickhouse.py holds every view against `natwizard fleet` on the same reports.

USE natwizard;
CREATE OR REPLACE VIEW natwizard_sent_runs AS
SELECT
    LogAttributes['natwizard.run_id'] AS run_id,
    argMax(LogAttributes['natwizard.run_code'], Timestamp) AS run_code,
    argMax(ResourceAttributes['host.id'], Timestamp) AS host_id,
    argMax(ResourceAttributes['natwizard.name_id'], Timestamp) AS name_id,
    argMax(ResourceAttributes['host.name'], Timestamp) AS host_name,
    argMax(ResourceAttributes['natwizard.site'], Timestamp) AS site,
    argMax(ResourceAttributes['natwizard.subnet'], Timestamp) AS subnet,
    argMax(ResourceAttributes['natwizard.provider'], Timestamp) AS provider,
    argMax(ResourceAttributes['natwizard.role'], Timestamp) AS role,
    argMax(ResourceAttributes['os.description'], Timestamp) AS system,
    argMax(ResourceAttributes['service.version'], Timestamp) AS app_version,
    argMax(ResourceAttributes['natwizard.far_end'], Timestamp) AS far_end,
    argMax(LogAttributes['natwizard.verdict'], Timestamp) AS verdict,
    argMax(LogAttributes['natwizard.started_at'], Timestamp) AS started_at,
    parseDateTime64BestEffort(started_at, 3, 'UTC') AS at,
    -- what local time adds to UTC: "...+01:00" is 3600
    if(match(started_at, '[+-]\\d\\d:\\d\\d$'),
       if(substring(started_at, -6, 1) = '-', -1, 1)
           * (toInt32(substring(started_at, -5, 2)) * 3600 + toInt32(substring(started_at, -2, 2)) * 60),
       0) AS offset_s
FROM otel_logs
WHERE ServiceName = 'natwizard' AND LogAttributes['event.name'] = 'natwizard.run'
GROUP BY run_id;

-- Computers that were made of one disk image have one host ID: each is a seat by its name. A
-- computer that is given another name leaves the old one behind; two of them take turns, so that
-- names change more often than there are names (as in `natwizard fleet`).
CREATE OR REPLACE VIEW natwizard_clones AS
SELECT
    host_id,
    arrayMap(run -> run.3, arraySort(groupArray((at, run_id, name_id)))) AS names,
    length(arrayDistinct(names)) AS computers
FROM natwizard_sent_runs
WHERE name_id != ''
GROUP BY host_id
HAVING arrayCount((one, next) -> one != next, arrayPopBack(names), arrayPopFront(names)) > computers;

CREATE OR REPLACE VIEW natwizard_runs AS
SELECT
    *,
    if(name_id != '' AND host_id IN (SELECT host_id FROM natwizard_clones),
       concat(host_id, '/', substring(name_id, 1, 8)), host_id) AS seat
FROM natwizard_sent_runs;

CREATE OR REPLACE VIEW natwizard_findings AS
SELECT
    LogAttributes['natwizard.run_id'] AS run_id,
    LogAttributes['natwizard.requirement'] AS requirement,
    argMax(LogAttributes['natwizard.title'], Timestamp) AS title,
    argMax(LogAttributes['natwizard.page'], Timestamp) AS page,
    argMax(LogAttributes['natwizard.status'], Timestamp) AS status,
    argMax(LogAttributes['natwizard.owner'], Timestamp) AS owner,
    argMax(LogAttributes['natwizard.depends_on'], Timestamp) AS depends_on,
    argMax(Body, Timestamp) AS summary,
    toFloat64OrNull(argMax(LogAttributes['headline.value'], Timestamp)) AS headline,
    argMax(LogAttributes['headline.unit'], Timestamp) AS headline_unit,
    toFloat64OrNull(argMax(LogAttributes['headline.limit'], Timestamp)) AS headline_limit,
    status = 'fail' AND depends_on = '' AS failed,
    status IN ('pass', 'borderline', 'warn', 'fail') AND depends_on = '' AS judged
FROM otel_logs
WHERE ServiceName = 'natwizard' AND LogAttributes['event.name'] = 'natwizard.finding'
GROUP BY run_id, requirement;

-- Each seat as its newest run left it.
CREATE OR REPLACE VIEW natwizard_last_runs AS
SELECT * FROM natwizard_runs ORDER BY at DESC, run_id DESC LIMIT 1 BY seat;

-- Seats of a site by verdict.
CREATE OR REPLACE VIEW natwizard_seats AS
SELECT
    site,
    count() AS seats,
    countIf(verdict = 'ready') AS ready,
    countIf(verdict = 'ready_with_advice') AS ready_with_advice,
    countIf(verdict = 'not_ready') AS not_ready,
    -- with those whose newest run was only a part of one
    countIf(verdict IN ('could_not_tell', 'partly_checked')) AS could_not_tell,
    countIf(verdict = 'ready_as_far_as_public_servers_can_tell') AS ready_to_public
FROM natwizard_last_runs
GROUP BY site;

-- Which requirement fails at which site, and who has to act.
CREATE OR REPLACE VIEW natwizard_requirements AS
SELECT
    f.requirement AS requirement,
    any(f.title) AS title,
    r.site AS site,
    countIf(f.failed) AS failed,
    count() AS seats,
    topKIf(1)(f.owner, f.failed)[1] AS owner
FROM natwizard_findings AS f
INNER JOIN natwizard_last_runs AS r ON r.run_id = f.run_id
WHERE f.judged
GROUP BY requirement, site;

-- Who has been silent, and since when.
CREATE OR REPLACE VIEW natwizard_silent AS
SELECT seat, host_name, site, at AS last_run, dateDiff('second', at, now64(3, 'UTC')) / 86400 AS days
FROM natwizard_last_runs;

-- The lines by local hour of day: 95 of 100 runs were no worse than p95, 95 no less than p5.
CREATE OR REPLACE VIEW natwizard_lines AS
SELECT
    r.site AS site,
    f.requirement AS requirement,
    any(f.title) AS title,
    any(f.headline_unit) AS unit,
    any(f.headline_limit) AS limit_value,
    toHour(addSeconds(r.at, r.offset_s), 'UTC') AS hour,
    quantileExactInclusive(0.95)(assumeNotNull(f.headline)) AS p95,
    quantileExactInclusive(0.05)(assumeNotNull(f.headline)) AS p5,
    count() AS runs
FROM natwizard_findings AS f
INNER JOIN natwizard_runs AS r ON r.run_id = f.run_id
WHERE f.headline IS NOT NULL AND f.page = 'udp_media'
GROUP BY site, requirement, hour
HAVING runs >= 3;

-- Desks of one site that fail one requirement in one hour (UTC), against the others in that hour,
-- with the chance of it by Fisher's exact test, one-sided: what a dashboard can alert on. Sites
-- that are in trouble themselves are no standard for others, and are left out; every choice of
-- as many of them has a part of the permitted error, as in `natwizard fleet`. It is not corrected
-- for how many sites and hours there are; `natwizard fleet` is.
CREATE OR REPLACE VIEW natwizard_shared_hours AS
WITH
    per_desk AS
    (
        SELECT
            f.requirement AS requirement,
            r.site AS site,
            toStartOfHour(r.at) AS hour,
            r.seat AS seat,
            countIf(f.failed) * 2 >= count() AS desk_failed
        FROM natwizard_findings AS f
        INNER JOIN natwizard_runs AS r ON r.run_id = f.run_id
        WHERE f.judged
        GROUP BY requirement, site, hour, seat
    ),
    per_site AS
    (
        SELECT requirement, site, hour, countIf(desk_failed) AS failed, count() AS desks
        FROM per_desk
        GROUP BY requirement, site, hour
    ),
    marked AS
    (
        SELECT *, failed * 2 >= desks AND failed >= 2 AS in_trouble FROM per_site
    ),
    with_all AS
    (
        SELECT
            *,
            sum(if(in_trouble, 0, failed)) OVER same_hour - if(in_trouble, 0, failed)
                AS failed_elsewhere,
            sum(if(in_trouble, 0, desks)) OVER same_hour - if(in_trouble, 0, desks)
                AS desks_elsewhere,
            count() OVER same_hour - 1 AS sites_elsewhere,
            sum(in_trouble) OVER same_hour - in_trouble AS sites_in_trouble,
            failed + failed_elsewhere AS all_failed,
            desks + desks_elsewhere AS all_desks
        FROM marked
        WINDOW same_hour AS (PARTITION BY requirement, hour)
    )
SELECT
    requirement,
    site,
    hour,
    failed,
    desks,
    failed_elsewhere,
    desks_elsewhere,
    sites_elsewhere,
    sites_in_trouble,
    -- sum over k of C(all_failed, k) C(all_desks - all_failed, desks - k) / C(all_desks, desks)
    least(1., arraySum(
        k -> exp(
            lgamma(all_failed + 1) - lgamma(k + 1) - lgamma(all_failed - k + 1)
            + lgamma(all_desks - all_failed + 1) - lgamma(desks - k + 1)
            - lgamma(all_desks - all_failed - desks + k + 1)
            - lgamma(all_desks + 1) + lgamma(desks + 1) + lgamma(all_desks - desks + 1)),
        arrayFilter(
            k -> all_desks - all_failed - desks + k >= 0,
            range(toUInt64(failed), toUInt64(least(desks, all_failed) + 1))))
        * if(sites_in_trouble = 0, 1., exp(
            (sites_in_trouble + 1) * log(2) + lgamma(sites_elsewhere + 1)
            - lgamma(sites_in_trouble + 1) - lgamma(sites_elsewhere - sites_in_trouble + 1))))
        AS chance
FROM with_all
WHERE failed > 0;
