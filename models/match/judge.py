"""What a pair comes to among all that were found: its chance, whether it is sure, its
band. The one place that says so, for boards, forms, wizards and what is done by itself.
"""

from odoo.tools import SQL

# How far a pair must be ahead of the second best of either side, in bits, to be sure.
AHEAD = 2.5
# and how good its chance must be for the one on the right, in per cent.
BACK_SCORE = 90
# The least chance, in per cent, that is worth keeping, and how many for each record.
LEAST_SCORE, MAX_KEPT = 0.5, 5
# How many doubles of one record are kept.
MAX_DOUBLES = 20
# How many bits count: beyond that, all is certain.
MAX_BITS = 60

# a pair's chance by itself, and of all that may be linked on one side
ALONE = SQL("100 * odds / (1 + odds)")
AMONG = "100 * odds / (1 + COALESCE(%s, 0) + CASE WHEN free THEN 0 ELSE odds END)"
# whether it is ahead of all others of either side
LEADS = """
    nth_left = 1 AND nth_right = 1
    AND bits - COALESCE(next_left, %(none)s) >= %(ahead)s
    AND bits - COALESCE(next_right, %(none)s) >= %(ahead)s
    AND 100 * odds / (1 + sum_right) >= %(back)s
"""
# the pairs with their rivals
RANKED = SQL("""
    SELECT *, SUM(odds) FILTER (WHERE free) OVER left_side AS sum_left,
           SUM(odds) FILTER (WHERE free) OVER right_side AS sum_right,
           row_number() OVER from_left AS nth_left,
           row_number() OVER from_right AS nth_right,
           lead(CASE WHEN free THEN bits END) OVER from_left AS next_left,
           lead(CASE WHEN free THEN bits END) OVER from_right AS next_right
      FROM pair
    WINDOW left_side AS (PARTITION BY a_id),
           right_side AS (PARTITION BY b_id),
           from_left AS (PARTITION BY a_id ORDER BY free DESC, bits DESC, b_id),
           from_right AS (PARTITION BY b_id ORDER BY free DESC, bits DESC, a_id)
""")


def judged_sql(pairs, linked, obstacle, unsafe, double, asked="left"):
    """Return the query of the pairs with their `score` in per cent: the chance that it
    is this one, of all that were found for the record on the left, whoever asks;
    whether they are `free` to be linked; whether nothing is against it (`certain`);
    which of its left record's pairs it is (`nth`); and its `chance` of all that were
    found for who asks.

    A pair that may not be linked is no rival of others.

    :param SQL pairs: rows as :func:`~.weighing.weighed_sql` says
    :param SQL linked: whether a pair `m` is linked: then it is left out
    :param SQL obstacle: whether a rule forbids to link it
    :param SQL unsafe: whether it is never linked by itself
    :param bool double: whether both sides are the same: a record may have several
        doubles, they are no rivals
    :param str asked: the side that asks: what has no chance there is left out
    """
    if double:
        score = chance = ALONE
        ahead = SQL("TRUE")
    else:
        score = chance = SQL(AMONG, SQL("sum_left"))
        if asked == "right":
            chance = SQL(AMONG, SQL("sum_right"))
        ahead = SQL(LEADS, none=-MAX_BITS, ahead=AHEAD, back=BACK_SCORE)
    return SQL(
        """
        WITH pair AS MATERIALIZED ( -- or the rules are asked at each use of `free`
            SELECT *, power(2, GREATEST(LEAST(bits, %(bits)s), -%(bits)s)) AS odds
              FROM (SELECT m.*, NOT (%(obstacle)s) AS free FROM (%(pairs)s) m
                     WHERE NOT (%(linked)s)) m
        ), ranked AS (%(ranked)s
        ), scored AS (
            SELECT *, %(score)s AS score, %(chance)s AS chance,
                   certain AND free AND %(ahead)s AS leads
              FROM ranked
        )
        SELECT m.a_id, m.b_id, m.company_id, m.bits, m.levels, m.free, m.score,
               m.leads AND NOT (%(unsafe)s) AS certain, m.nth_left AS nth,
               m.chance
          FROM scored m WHERE m.chance >= %(least)s
        """,
        bits=MAX_BITS,
        obstacle=obstacle,
        pairs=pairs,
        linked=linked,
        ranked=RANKED,
        score=score,
        chance=chance,
        ahead=ahead,
        unsafe=unsafe,
        least=LEAST_SCORE,
    )


def band_sql(rejected):
    """Return the SQL of the band of a row with `score` and `certain`.

    :param SQL rejected: whether somebody said that the two are not the same
    """
    # whose thresholds `t` are: see `lookup.banded_sql`
    return SQL(
        """
        CASE WHEN %s THEN 'unsure' WHEN certain AND score >= t.sure THEN 'sure'
             WHEN score >= t.ask THEN 'ask' ELSE 'unsure' END
        """,
        rejected,
    )
