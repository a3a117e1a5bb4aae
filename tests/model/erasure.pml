/* One record of a person, and everything that may happen to it while it is being erased.
 *
 * The keyring is one database: each call is one moment. A service's log is one database: each
 * commit is one moment, and is refused when another came between load and commit. Everything else
 * lies between those moments, in any order. Channels lose nothing and keep their own order; between
 * two channels there is none. A message may be taken in twice.
 *
 * README.md says which process stands for which function, and names the faults.
 */

#define ERASURES 6          /* 0 and 1 are asked for, the others are begun by the sweep */
#define QUOTE 1             /* categories, as bits */
#define BILLING 2
#define QUOTES 1            /* owners, as bits */
#define CONSENT 2
#define BOOKS 4
#define EVERYBODY 7
#ifdef FORGET_OWNER
#define WAITED_FOR 3
#else
#define WAITED_FOR EVERYBODY
#endif
#ifndef LAST_DAY_MOVES_BACK
#define LAST_DAY_MOVES_BACK 0
#endif
#ifndef STALE_HOLD
#define STALE_HOLD 0
#endif
#ifdef FROM_AN_ORDER        /* begins with an order; without it, with an offer */
#define LAST_YEAR 2
#else
#define LAST_YEAR 1
#endif
#ifndef ACCEPTANCES
#define ACCEPTANCES 2       /* tries of one customer */
#endif

mtype:hold = { no_hold, provisional, dated, released };
mtype:clock = { untold, held_open, held, running, due, over };
mtype:fact = { accepted_fact, completed_fact, erased_fact, due_fact, placed_fact, released_fact };

/* ── The keyring ─────────────────────────────────────────────────────────────────────────────── */

byte living = QUOTE, destroyed = 0;     /* categories with a key, and with a fence */
bit fenced = 0;                         /* an erasure was here: no new key is made */
mtype:hold hold = no_hold;
byte held_to = 0, released_until = 0;     /* the last year of the hold, and of the one released */
byte beginning = 0;                     /* how often the provisional hold began */

/* ── The logs ────────────────────────────────────────────────────────────────────────────────── */

byte year = 0;
bit accepted = 0, gave_up = 0, stopped_by_fence = 0;
byte abandoned = 0, quotes_knows = 0;
bit at_an_invoice = 0, at_a_release = 0;
bit ordered = 0, invoiced = 0, holding = 0;
byte holding_until = 0, billing_knows = 0, billing_version = 0;
mtype:clock clock = untold;             /* retention's, of the category billing */
byte clock_until = 0;
bit told = 0;
byte sweeps = 2;                        /* the erasure that the sweep begins then */
bit begun[ERASURES], finished[ERASURES];
byte asking = 0;                        /* erasures between the keyring's answer and their note */
byte gone[ERASURES], answers[ERASURES];

chan quotes_to_billing = [2] of { mtype:fact, byte };
chan billing_to_retention = [6] of { mtype:fact, byte };
chan due_to_billing = [2] of { mtype:fact, byte, byte };
chan to_quotes = [3] of { byte, byte };

/* ── What must never be ──────────────────────────────────────────────────────────────────────── */

#define PROMISE(it, name) if :: (it) :: else -> printf(name); assert(false) fi

bit stood_again = 0;        /* a hold, after its release */

#define standing (hold == provisional || hold == dated)
#define quiet (len(quotes_to_billing) == 0 && len(billing_to_retention) == 0 && \
               len(due_to_billing) == 0 && len(to_quotes) == 0)
#define billing_is_at_it (at_an_invoice || at_a_release || billing_to_retention?[released_fact, _])
#define all_finished (begun[0] == finished[0] && begun[1] == finished[1] && \
                      begun[2] == finished[2] && begun[3] == finished[3] && \
                      begun[4] == finished[4] && begun[5] == finished[5])

#define an_order_wins (ordered && gone[0] == QUOTE)
#define an_erasure_wins (stopped_by_fence && !accepted)
#define a_lost_acceptance_is_taken_back (abandoned && !accepted && (destroyed & BILLING))
#define a_slow_acceptance_begins_again (abandoned && accepted)
#define what_was_held_goes_later (invoiced && gone[0] == QUOTE && (destroyed & BILLING))
#define a_hold_stands_again (invoiced && stood_again && (destroyed & BILLING))

/* ── What the keyring does, each in one moment ───────────────────────────────────────────────── */

inline make_and_hold(may) {
    d_step {
#ifdef REMINT
        may = 1;
#else
        may = ((living & BILLING) || !fenced);
#endif
        if
        :: may ->
            PROMISE(!fenced || (living & BILLING), "I7 a key was made behind the fence\n");
            living = living | BILLING;
            if
            :: held_to == 0 -> hold = provisional; beginning++
            :: else
            fi
        :: else
        fi
    }
}

inline place_hold(last_year, may) {
    d_step {
        may = ((living & BILLING) != 0);
        if
        :: may && last_year >= held_to && !(hold == released && last_year <= released_until) ->
            stood_again = stood_again || hold == released;
            hold = dated; held_to = last_year
        :: else
        fi
    }
}

inline release_hold(last_year) {
    d_step {
        if
        :: hold == provisional || (hold == dated && held_to <= last_year) ->
            hold = released; released_until = last_year
        :: else
        fi
    }
}

inline destroy(e, is_held, held_until) {
    d_step {
        fenced = 1;
        gone[e] = gone[e] | (living & QUOTE);
#ifdef IGNORE_HOLD
        if
        :: living & BILLING ->
#else
        if
        :: (living & BILLING) && !standing ->
#endif
            PROMISE(!standing, "I9 destroyed under a hold\n");
            gone[e] = gone[e] | BILLING
        :: else
        fi;
        destroyed = destroyed | gone[e];
        living = living & (3 - gone[e]);
        is_held = (living & BILLING) != 0;
        held_until = held_to
    }
}

/* ── The customer, the timer of quotes, the staff, the years ─────────────────────────────────── */

proctype Customer() {
    bit may; byte seen, in, tries = 0;
begins:
    skip;
    d_step { seen = abandoned; may = !(quotes_knows & QUOTE); in = year };
    if
    :: may && (living & QUOTE) && tries < ACCEPTANCES && in < LAST_YEAR
    :: else -> goto gives_up
    fi;
    tries++;
#ifdef EVENT_FIRST
    atomic {
        accepted = 1;
        PROMISE(living & BILLING, "I8 sealed before its key was made\n");
        quotes_to_billing!accepted_fact(in)
    };
    make_and_hold(may);
    goto done;
#endif
    make_and_hold(may);
    if
    :: !may -> stopped_by_fence = 1; goto gives_up
    :: may
    :: may -> goto gives_up                         /* the process dies between key and fact */
    fi;
    atomic {
        if
        :: quotes_knows & QUOTE -> goto gives_up
        :: !(quotes_knows & QUOTE) && abandoned != seen -> goto begins
        :: !(quotes_knows & QUOTE) && abandoned == seen ->
            accepted = 1;
            PROMISE((living | destroyed) & BILLING, "I8 sealed before its key was made\n");
            PROMISE(!(quotes_knows & BILLING), "I8 sealed after its scrub\n");
            quotes_to_billing!accepted_fact(in);
            goto done
        fi
    };
gives_up:
    gave_up = 1;
done:
    skip
}

proctype TakesBack() {
    byte listed; bit is_abandoned;
end:
    do
    :: d_step { hold == provisional && !accepted -> listed = beginning };
        d_step {
            is_abandoned = !accepted;
            if
            :: is_abandoned -> abandoned = listed
            :: else
            fi
        };
        d_step {
            if
            :: is_abandoned && hold == provisional && beginning == listed -> hold = released
            :: else
            fi;
            listed = 0; is_abandoned = 0
        }
    od
}

proctype Staff() {
end:
    if
    :: atomic {
            accepted && !(quotes_knows & BILLING) && year < LAST_YEAR ->
            at_an_invoice = 1;
            quotes_to_billing!completed_fact(year)
        }
    :: gave_up || year == LAST_YEAR
    fi
}

/* A hold runs for years. None passes while an invoice or a release is on its way, and no second one
 * between an erasure's question to the keyring and its note of the answer. */
proctype Years() {
    do
    :: atomic { !billing_is_at_it && year < LAST_YEAR && !(year > 0 && asking) -> year++ }
    :: year == LAST_YEAR -> break
    od
}

/* ── Owners hear retention ───────────────────────────────────────────────────────────────────── */

/* Consent keeps nothing of a quote and answers alike; its answer is given in the same moment. */
proctype QuotesAndConsent() {
    byte e, categories;
end:
    do
    :: atomic {
            to_quotes?e(categories) ->
            quotes_knows = quotes_knows | categories; answers[e] = answers[e] | QUOTES | CONSENT;
            e = 0; categories = 0
        }
    od
}

proctype BillingHearsQuotes() {
    byte in, version, last_year; bit may, again = 1;
end:
    do
    :: quotes_to_billing?[accepted_fact, _] ->
        d_step { version = billing_version; may = !ordered && (living & BILLING) };
        atomic {                                    /* a conflict: once more */
            if
            :: version != billing_version
            :: version == billing_version ->
                if
                :: may ->
                    quotes_to_billing?<accepted_fact, in>;
                    billing_version++; ordered = 1; holding = 1; holding_until = in + 1;
                    PROMISE(!(billing_knows & BILLING), "I8 sealed after its scrub\n");
                    billing_to_retention!placed_fact(in + 1)
                :: else
                fi;
                if
                :: again -> again = 0               /* taken in twice */
                :: quotes_to_billing?accepted_fact(in)
                fi
            fi;
            in = 0; version = 0; may = 0
        }
    :: quotes_to_billing?[completed_fact, _] ->
        d_step {
            quotes_to_billing?<completed_fact, in>;
            version = billing_version;
            may = ordered && !invoiced && !(billing_knows & BILLING);
            last_year = (in + 1 > holding_until -> in + 1 : holding_until)
        };
        if
        :: may ->
#ifdef INVOICE_FIRST
            may = (living & BILLING) != 0
#else
            place_hold(last_year, may)
#endif
        :: else
        fi;
        atomic {
            if
            :: version != billing_version           /* a conflict: once more */
            :: version == billing_version ->
                if
                :: may ->
                    billing_version++; invoiced = 1; holding = 1; holding_until = last_year;
                    PROMISE(living & BILLING, "I9 an invoice is held that cannot be read\n");
                    PROMISE(!(billing_knows & BILLING), "I8 sealed after its scrub\n");
                    billing_to_retention!placed_fact(last_year)
                :: else
                fi;
                quotes_to_billing?completed_fact(in)
            fi;
            at_an_invoice = len(quotes_to_billing) > 0;
            in = 0; version = 0; may = 0; last_year = 0
        }
    od
}

proctype PlacesHold() {
    bit may;
end:
    do
    :: atomic {
            holding_until > 0 && (living & BILLING) && held_to < holding_until &&
            !(hold == released && holding_until <= released_until) ->
            place_hold(holding_until, may); may = 0
        }
    od
}

proctype BillingHearsRetention() {
    byte e, what, version; bit may, again = 1;
end:
    do
    :: due_to_billing?[due_fact, _, _] ->
        d_step {
            due_to_billing?<due_fact, e, what>;
            version = billing_version; may = holding && holding_until <= what;
            at_a_release = may
        };
        if
        :: may -> release_hold(what)
        :: else
        fi;
        atomic {
            if
            :: version != billing_version           /* a conflict: once more */
            :: version == billing_version ->
                if
                :: may ->
                    billing_version++; holding = 0; billing_to_retention!released_fact(what)
                :: else
                fi;
                due_to_billing?due_fact(e, what)
            fi;
            e = 0; what = 0; version = 0; may = 0; at_a_release = 0
        }
    :: atomic {
            due_to_billing?[erased_fact, _, _] ->
            due_to_billing?<erased_fact, e, what>;
            billing_version++; billing_knows = billing_knows | what;
            if
            :: again -> again = 0                   /* taken in twice, answered once */
            :: due_to_billing?erased_fact(e, what); answers[e] = answers[e] | BOOKS
            fi;
            e = 0; what = 0
        }
    od
}

/* ── What must hold ──────────────────────────────────────────────────────────────────────────── */

/* When nothing can move any more: all is over, so nothing of anyone may be left. With -DWITNESS=…
 * something is denied instead that can happen: no promise holds only because nothing moves. */
proctype Rest() {
    timeout ->
#ifndef WITNESS
        PROMISE(all_finished, "an erasure never ends\n");
        PROMISE(accepted == ordered, "I10 accepted here, not ordered there\n");
        PROMISE(quotes_knows == destroyed && billing_knows == destroyed,
                "I10 an owner does not know what went\n");
        PROMISE(!living && !standing && quiet, "something is left for ever\n")
#else
        PROMISE(!(WITNESS), "it happens\n")
#endif
}

/* ── Retention ───────────────────────────────────────────────────────────────────────────────── */

proctype RetentionHearsBilling() {
    byte last_year;
end:
    do
    :: atomic {
            billing_to_retention?placed_fact(last_year) ->
            if
            :: clock == due || clock == over
            :: else ->
                told = told && clock == held && clock_until == last_year;
                clock = held; clock_until = last_year
            fi;
            last_year = 0
        }
    :: atomic {
            billing_to_retention?released_fact(last_year) ->
            if
            :: clock == due || clock == over
            :: else -> clock = running
            fi;
            last_year = 0
        }
    od
}

proctype Sweep() {
end:
    do
    :: atomic { clock == running -> clock = due; begun[sweeps] = 1; sweeps++ }
    :: atomic {
            clock == held && !told && year >= clock_until ->
            told = 1; due_to_billing!due_fact(0, year)
        }
    :: atomic {                                     /* tried daily; what finds the same is left out */
            clock == held_open && hold != provisional -> clock = due; begun[sweeps] = 1; sweeps++
        }
    od
}

proctype Erasure(byte e) {
    bit is_held; byte held_until;
end:
    d_step { begun[e] -> asking++ };
    destroy(e, is_held, held_until);
    if
    :: destroy(e, is_held, held_until)              /* it died before it noted that */
    :: true
    fi;
    atomic {
        if
        :: gone[e] ->
            to_quotes!e(gone[e]); due_to_billing!erased_fact(e, gone[e])
        :: else
        fi;
        if
        :: gone[e] & BILLING -> clock = over
        :: else
        fi;
        if
        :: is_held && clock != over && (clock != running || STALE_HOLD) ->
            if
            :: held_until && clock == held && clock_until >= held_until && !LAST_DAY_MOVES_BACK
            :: held_until && !(clock == held && clock_until >= held_until && !LAST_DAY_MOVES_BACK) ->
                told = told && clock == held && clock_until == held_until;
                clock = held; clock_until = held_until
            :: !held_until && clock != held -> clock = held_open
            :: else
            fi
        :: else
        fi;
        asking--; is_held = 0; held_until = 0
    };
    atomic {
        (!gone[e] || (answers[e] & WAITED_FOR) == WAITED_FOR) ->
        PROMISE(!gone[e] || answers[e] == EVERYBODY, "completed on silence\n");
        finished[e] = 1
    }
}

init {
    atomic {
        begun[0] = 1;
#ifdef TWO_ERASURES
        begun[1] = 1;
#endif
#ifdef FROM_AN_ORDER
        living = QUOTE | BILLING; hold = dated; held_to = 1;
        accepted = 1; ordered = 1; holding = 1; holding_until = 1;
        clock = held; clock_until = 1;
        run Staff();
#else
        run Customer(); run TakesBack();
#endif
        run Years();
        run QuotesAndConsent(); run BillingHearsQuotes(); run PlacesHold();
        run BillingHearsRetention(); run RetentionHearsBilling();
        run Sweep(); run Rest();
        run Erasure(0); run Erasure(1); run Erasure(2); run Erasure(3); run Erasure(4);
        run Erasure(5)
    }
}
