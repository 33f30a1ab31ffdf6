// The Right to Request on an event calendar: every step of a group is an event.
#include <cstring>

#include "calendar.hpp"
#include "draws.hpp"

using namespace plan;

namespace {

template <typename T, std::size_t N>
constexpr int length(const T (&)[N]) { return static_cast<int>(N); }

constexpr int STAGES = length(stages), HOSTS = length(host_places), REGIONS = length(regions);
constexpr int TYPES = length(types), ROUTES = length(routes), RESOURCES = length(resources);
constexpr int TRAITS = SLOTS - LOG_HEADCOUNT - 1;
constexpr double MISSING = std::numeric_limits<double>::quiet_NaN();

enum State : std::int32_t { INSIDE, COMPLETED, EXITED };

struct Group {
    std::uint64_t place, member;
    double facts[SLOTS];
    double arrival, turnover;
    int host, region, type, headcount;
    int route = -1, step = 0, stage = -1, visit = 0, tries = 0;
    double end = 0.0, ring = NEVER, since = 0.0;      // of the try in hand
    double asked = 0.0;                                // of a fund
    int rings = -1;                                    // the hazard that rings first
    std::uint32_t stamp = 0;                           // of the latest wait
    bool waiting = false, served = false;
    State state = INSIDE;
    double exit_time = MISSING, award = 0.0;
    int cause = 0, form = 0;
};

struct Unit {
    int resource = 0, number = 0;
    std::vector<int> queue;
    int busy = 0;
    double places = 0.0, balance = 0.0;
    double first = 0.0, held = -1.0;
    bool awaited = false;
};

}  // namespace

// Where the rows go; entered, reached, costs and traits hold so many cells a row.
struct Columns {
    std::int32_t *replication, *host, *type, *route, *headcount, *state, *stage, *cause, *form, *tries;
    double *turnover, *arrived, *exit_time, *award, *traits, *entered, *reached, *costs;
};

struct Counts {
    std::int64_t events, draws;
};

namespace {

class World {
public:
    World() {
        groups_.reserve(4096);
        int base = 0;
        for (int r = 0; r < RESOURCES; ++r) {
            base_[r] = base;
            const int count = resources[r].scope == NATION ? 1 : resources[r].scope == PER_REGION ? REGIONS : HOSTS;
            for (int number = 0; number < count; ++number) {
                units_.emplace_back();
                units_.back().resource = r;
                units_.back().number = number;
                units_.back().queue.reserve(64);
            }
            base += count;
        }
    }

    // Runs one replication into the rows from `row`; the number of rows, or -1 where they do not fit.
    std::int64_t run(std::uint64_t seed, std::uint64_t replication, const Columns& columns, std::int64_t row,
                     std::int64_t capacity, Counts& counts) {
        luck_ = {seed, replication};
        draws_ = 0;
        calendar_.clear();
        groups_.clear();
        populate();
        const std::int64_t rows = static_cast<std::int64_t>(groups_.size());
        if (row + rows > capacity) return -1;
        entered_ = columns.entered + row * STAGES;
        reached_ = columns.reached + row * MILESTONES;
        costs_ = columns.costs + row * 3;
        std::fill_n(entered_, rows * STAGES, MISSING);
        std::fill_n(reached_, rows * MILESTONES, MISSING);
        std::fill_n(costs_, rows * 3, 0.0);
        open();
        counts.events += loop();
        counts.draws += draws_;
        write(columns, row, static_cast<std::int32_t>(replication));
        return rows;
    }

private:
    double uniform(std::uint64_t key, std::uint64_t place, std::uint64_t member = 0, std::uint64_t visit = 0) {
        ++draws_;
        return luck_.uniform(key, place, member, visit);
    }
    double draw(const Drawn& drawn, const Group& g) {
        const Distribution& distribution = distributions[drawn.distribution + g.type];
        if (distribution.kind == FIXED) return distribution.a;
        return draws::quantile(distribution, uniform(drawn.key, g.place, g.member, g.visit));
    }

    static double shift(Range range, const double* facts) {
        double total = 0.0;
        for (int i = range.first; i < range.last; ++i) {
            const Term& term = terms[i];
            if (term.level < 0) total += term.shift * facts[term.slot];
            else if (facts[term.slot] == term.level) total += term.shift;
        }
        return total;
    }
    static bool holds(Range range, const double* facts) {
        for (int i = range.first; i < range.last; ++i)
            if (!(tests[i].values >> static_cast<int>(facts[tests[i].slot]) & 1u)) return false;
        return true;
    }
    double shift(const Rule& rule, const Group& g) const {
        double total = shift(rule.terms, g.facts);
        for (int i = rule.eases.first; i < rule.eases.last; ++i)
            if (!std::isnan(reached_[index(g) * MILESTONES + eases[i].milestone])) total += eases[i].shift;
        return total;
    }
    static double level(Range range, double time) {
        double now = steps[range.first].level;
        for (int i = range.first + 1; i < range.last && steps[i].time <= time; ++i) now = steps[i].level;
        return now;
    }
    int index(const Group& g) const { return static_cast<int>(&g - groups_.data()); }
    Unit& unit(int resource, const Group& g) {
        const Scope scope = resources[resource].scope;
        return units_[base_[resource] + (scope == NATION ? 0 : scope == PER_REGION ? g.region : g.host)];
    }

    // Who there is.

    template <std::size_t N>
    void draw_traits(const Trait (&traits)[N], Range fixed, double* facts, std::uint64_t place, std::uint64_t member) {
        for (const Trait& trait : traits) {
            bool known = false;
            for (int i = fixed.first; i < fixed.last; ++i) {
                if (given[i].slot == trait.slot) {
                    facts[trait.slot] = given[i].value;
                    known = true;
                }
            }
            if (!known) {
                const double chance = draws::probability(trait.log_odds + shift(trait.terms, facts));
                facts[trait.slot] = uniform(trait.key, place, member) < chance ? 1.0 : 0.0;
            }
        }
    }

    void populate() {
        int host = 0;
        for (int r = 0; r < REGIONS; ++r) {
            double ground[SLOTS] = {};
            ground[REGION] = r;
            draw_traits(region_traits, regions[r].given, ground, regions[r].place, 0);
            for (int i = 0; i < regions[r].hosts; ++i, ++host) {
                double facts[SLOTS];
                std::copy_n(ground, SLOTS, facts);
                draw_traits(host_traits, regions[r].given, facts, host_places[host], 0);
                for (const Stream& stream : streams) arrivals(stream, host, r, facts);
            }
        }
    }

    void arrivals(const Stream& stream, int host, int region, const double* facts) {
        const std::uint64_t place = host_places[host];
        const double rate = stream.rate * std::exp(shift(stream.terms, facts));
        double time = std::max(std::max(stream.start, regions[region].joins), 0.0);
        for (int number = 1; number <= stream.limit; ++number) {
            const std::uint64_t member = stream.member | static_cast<std::uint64_t>(number);
            time = draws::ring(time, -std::log(uniform(KEY_ARRIVAL, place, member)), rate, stream.periods);
            if (time >= stream.stop) return;
            groups_.emplace_back();
            Group& g = groups_.back();
            g.place = place;
            g.member = member;
            g.arrival = time;
            g.host = host;
            g.region = region;
            std::copy_n(facts, SLOTS, g.facts);
            describe(g, stream.type);
        }
    }

    void describe(Group& g, int type) {
        const auto share = [](int i) { return types[i].share; };
        g.type = type >= 0 ? type : pick(share, TYPES, uniform(KEY_TYPE, g.place, g.member));
        const Type& kind = types[g.type];
        const double drawn = draws::quantile(distributions[kind.headcount], uniform(KEY_HEADCOUNT, g.place, g.member));
        const double headcount = std::max(1.0, std::nearbyint(drawn));
        g.headcount = static_cast<int>(headcount);
        g.turnover = headcount * draws::quantile(distributions[kind.turnover], uniform(KEY_TURNOVER, g.place, g.member));
        g.facts[TYPE] = g.type;
        g.facts[LOG_HEADCOUNT] = std::log(headcount);
        draw_traits(group_traits, {0, 0}, g.facts, g.place, g.member);
    }

    template <typename Weight>
    static int pick(Weight weight, int count, double u) {
        double total = 0.0, running = 0.0;
        for (int i = 0; i < count; ++i) total += weight(i);
        int last = 0;
        for (int i = 0; i < count; ++i) {
            running += weight(i) / total;
            if (u < running) return i;
            if (weight(i) > 0.0) last = i;
        }
        return last;
    }

    // The calendar.

    static std::uint64_t rank_of(const Unit& one) {
        return static_cast<std::uint64_t>(one.resource) << 16 | static_cast<std::uint64_t>(one.number);
    }

    void open() {
        std::memset(launched_, 0, sizeof launched_);
        for (Unit& one : units_) {
            const Resource& resource = resources[one.resource];
            const std::uint64_t rank = rank_of(one);
            const std::uint32_t who = static_cast<std::uint32_t>(&one - units_.data());
            one.queue.clear();
            one.busy = 0;
            one.held = -1.0;
            one.awaited = false;
            one.balance = 0.0;
            for (int i = resource.deposits.first; i < resource.deposits.last; ++i) {
                if (steps[i].time > 0.0) calendar_.add(steps[i].time, TIMELINE, rank, who, CHANGES, i + 1);
                else one.balance += steps[i].level;
            }
            for (int i = resource.openings.first; i < resource.openings.last; ++i)
                if (steps[i].time > 0.0) calendar_.add(steps[i].time, TIMELINE, rank, who, CHANGES);
            if (resource.steps.first < resource.steps.last) one.places = level(resource.steps, 0.0);
            const bool sits = resource.every > 0.0 || resource.dates.first < resource.dates.last;
            for (int i = resource.steps.first; i < resource.steps.last; ++i)
                if (!sits && steps[i].time > 0.0) calendar_.add(steps[i].time, TIMELINE, rank, who, CHANGES);
            one.first = resource.first;
            if (resource.staggered) {
                const std::uint64_t place = resource.scope == NATION ? 0
                    : resource.scope == PER_REGION ? plan::regions[one.number].place : host_places[one.number];
                one.first = resource.every * uniform(resource.key, place);
            }
        }
        for (std::size_t row = 0; row < groups_.size(); ++row)
            if (row == 0 || !same_stream(groups_[row - 1], groups_[row])) expect(groups_[row]);
    }

    // The first group of a stream at a host is expected from the beginning, every other when the one before it arrives.
    static bool same_stream(const Group& a, const Group& b) {
        return a.host == b.host && a.member >> 32 == b.member >> 32;
    }
    void expect(const Group& g) {
        const std::uint32_t who = static_cast<std::uint32_t>(index(g));
        calendar_.add(g.arrival, REQUEST, who, who, ARRIVES);
    }

    std::int64_t loop() {
        std::int64_t events = 0;
        now_ = 0.0;
        phase_ = TIMELINE;
        while (!calendar_.empty() && calendar_.next().time < HORIZON) {
            const Event event = calendar_.take();
            if (event.time > now_ || event.phase() > phase_) phase_ = event.phase();
            now_ = event.time;
            ++events;
            switch (event.what) {
                case ARRIVES: arrive(groups_[event.who]); break;
                case ENTERS: enter(groups_[event.who]); break;
                case TRIES_AGAIN: attempt(groups_[event.who]); break;
                case WORK_ENDS: work_ends(groups_[event.who]); break;
                case GIVES_UP: give_up(groups_[event.who], event.stamp); break;
                case SITS: sit(units_[event.who]); break;
                case CHANGES: change(units_[event.who], event.stamp); break;
            }
        }
        return events;
    }

    // A group on its way.

    void arrive(Group& g) {
        if (const Group* next = &g + 1; next <= &groups_.back() && same_stream(g, *next)) expect(*next);
        double weights[ROUTES], total = 0.0;
        for (int i = 0; i < ROUTES; ++i) {
            const Route& route = routes[i];
            const bool is_open = route.opens <= g.arrival && g.arrival < route.closes && holds(route.tests, g.facts);
            weights[i] = is_open ? route.weight * std::exp(shift(route.terms, g.facts)) : 0.0;
            total += weights[i];
        }
        if (total <= 0.0) return leave(g, NO_ROUTE, 0);
        g.route = pick([&](int i) { return weights[i]; }, ROUTES, uniform(KEY_ROUTE, g.place, g.member));
        g.facts[ROUTE] = routes[g.route].code;
        enter(g);
    }

    void enter(Group& g) {
        g.stage = numbers[routes[g.route].stages.first + g.step];
        g.visit = 0;
        entered_[index(g) * STAGES + g.stage] = now_;
        attempt(g);
    }

    void attempt(Group& g) {
        const Stage& stage = stages[g.stage];
        if (now_ >= stage.closes) return leave(g, WINDOW_CLOSED, 0);
        start_clocks(g, stage);
        for (int i = stage.costs.first; i < stage.costs.last; ++i)
            costs_[index(g) * 3 + costs[i].payer] += draw(costs[i].amount, g);
        g.served = false;
        if (stage.need == NOTHING) return work(g, stage);
        Unit& one = unit(stage.resource, g);
        if (stage.need == FUND) g.asked = draw(stage.award, g);
        wait(g, one);
        serve(one);
        if (g.waiting) set_deadline(g);
    }

    void start_clocks(Group& g, const Stage& stage) {
        g.ring = NEVER;
        g.rings = -1;
        for (int i = stage.hazards.first; i < stage.hazards.last; ++i) {
            const Hazard& hazard = hazards[i];
            const Rule& rule = hazard.rule;
            if (!holds(rule.tests, g.facts)) continue;
            double rate = hazard.rate;
            if (const double moved = shift(rule, g); moved != 0.0) rate *= std::exp(moved);
            const double unit = -std::log(uniform(rule.key, g.place, g.member, g.visit));
            const double time = draws::ring(now_, unit, rate, rule.periods);
            if (time < g.ring) {
                g.ring = time;
                g.rings = i;
            }
        }
    }

    void wait(Group& g, Unit& one) {
        g.waiting = true;
        g.since = now_;
        ++g.stamp;
        one.queue.push_back(index(g));
    }
    void set_deadline(const Group& g) {
        if (g.ring < HORIZON) {
            const std::uint32_t who = static_cast<std::uint32_t>(index(g));
            calendar_.add(g.ring, RELEASE, who, who, GIVES_UP, g.stamp & 0x1FFFFFFF);
        }
    }

    void work(Group& g, const Stage& stage) {
        double days = draw(stage.work, g);
        for (int i = stage.drags.first; i < stage.drags.last; ++i) days *= factors[i];
        for (int i = stage.stretches.first; i < stage.stretches.last; ++i)
            if (periods[i].start <= now_ && now_ < periods[i].stop) days *= periods[i].change;
        g.end = now_ + days;
        const std::uint32_t who = static_cast<std::uint32_t>(index(g));
        calendar_.add(std::min(g.end, g.ring), RELEASE, who, who, WORK_ENDS);
    }

    void work_ends(Group& g) {
        const Stage& stage = stages[g.stage];
        if (stage.need == SERVERS && g.served) {
            Unit& one = unit(stage.resource, g);
            --one.busy;
            serve(one);
        }
        if (g.ring < g.end) return ring(g);
        if (stage.decided_by < 0) return decide(g, stage);
        Unit& body = unit(stage.decided_by, g);
        const double next = next_sitting(body);
        if (next == NEVER) return leave(g, WINDOW_CLOSED, 0);
        wait(g, body);
        if (!body.awaited) call(body, next);
        set_deadline(g);
    }

    void give_up(Group& g, std::uint32_t stamp) {
        if (!g.waiting || (g.stamp & 0x1FFFFFFF) != stamp) return;
        const Stage& stage = stages[g.stage];
        const bool before_work = stage.need != NOTHING && !g.served;
        Unit& one = unit(before_work ? stage.resource : stage.decided_by, g);
        one.queue.erase(std::find(one.queue.begin(), one.queue.end(), index(g)));
        g.waiting = false;
        if (before_work) serve(one);
        ring(g);
    }

    void ring(Group& g) { leave(g, hazards[g.rings].rule.barrier, hazards[g.rings].rule.form); }

    void leave(Group& g, int cause, int form) {
        g.state = EXITED;
        g.exit_time = now_;
        g.cause = cause;
        g.form = form;
    }

    void decide(Group& g, const Stage& stage) {
        for (int i = stage.gates.first; i < stage.gates.last; ++i) {
            const Gate& gate = gates[i];
            const Rule& rule = gate.rule;
            if (!holds(rule.tests, g.facts)) continue;
            double odds = gate.log_odds + shift(rule, g);
            for (int s = rule.periods.first; s < rule.periods.last; ++s)
                if (periods[s].start <= now_ && now_ < periods[s].stop) odds += periods[s].change;
            for (int e = gate.exemplars.first; e < gate.exemplars.last; ++e) {
                const Exemplar& one = exemplars[numbers[e]];
                const int so_far = launched_[one.milestone][one.regional ? g.region : REGIONS];
                odds += one.log_odds * std::min(so_far, one.at_most);
            }
            if (uniform(rule.key, g.place, g.member, g.visit) < draws::probability(odds)) return blocked(g, gate);
        }
        pass(g, stage);
    }

    void blocked(Group& g, const Gate& gate) {
        const Retry& retry = gate.retry;
        if (!gate.retried || g.visit + 1 >= retry.tries ||
            uniform(retry.key, g.place, g.member, g.visit) >= retry.chance)
            return leave(g, gate.rule.barrier, gate.rule.form);
        const double after = now_ + draw(retry.delay, g);
        ++g.visit;
        ++g.tries;
        const std::uint32_t who = static_cast<std::uint32_t>(index(g));
        calendar_.add(after, REQUEST, who, who, TRIES_AGAIN);
    }

    void pass(Group& g, const Stage& stage) {
        if (stage.milestone >= 0) {
            double& when = reached_[index(g) * MILESTONES + stage.milestone];
            if (std::isnan(when)) {
                when = now_;
                ++launched_[stage.milestone][g.region];
                ++launched_[stage.milestone][REGIONS];
            }
        }
        if (routes[g.route].stages.first + ++g.step == routes[g.route].stages.last) {
            g.state = COMPLETED;
            g.exit_time = now_;
            return;
        }
        const std::uint32_t who = static_cast<std::uint32_t>(index(g));
        calendar_.add(now_, REQUEST, who, who, ENTERS);
    }

    // Resources.

    void serve(Unit& one) {
        const Resource& resource = resources[one.resource];
        if (resource.deposits.first < resource.deposits.last) return pay(one, resource);
        while (!one.queue.empty() && one.busy < one.places) {
            Group& g = take_first(one);
            ++one.busy;
            work(g, stages[g.stage]);
        }
    }

    void pay(Unit& one, const Resource& resource) {
        bool is_open = false;
        for (int i = resource.openings.first; i < resource.openings.last; ++i)
            is_open = is_open || (steps[i].time <= now_ && now_ < steps[i].level);
        while (is_open && !one.queue.empty() && groups_[one.queue.front()].asked <= one.balance) {
            Group& g = take_first(one);
            one.balance -= g.asked;
            g.award += g.asked;
            costs_[index(g) * 3 + PROGRAMME] += g.asked;
            work(g, stages[g.stage]);
        }
    }

    Group& take_first(Unit& one) {
        Group& g = groups_[one.queue.front()];
        one.queue.erase(one.queue.begin());
        g.waiting = false;
        g.served = true;
        return g;
    }

    void change(Unit& one, std::uint32_t deposit) {
        const Resource& resource = resources[one.resource];
        if (deposit > 0) one.balance += steps[deposit - 1].level;
        if (resource.steps.first < resource.steps.last) one.places = level(resource.steps, now_);
        serve(one);
    }

    double next_sitting(const Unit& body) const {
        const Resource& resource = resources[body.resource];
        const bool missed = body.held == now_ || phase_ > SITTING;
        if (resource.every > 0.0) {
            double number = std::max(std::floor((now_ - body.first) / resource.every) - 1.0, 0.0), time;
            while ((time = body.first + number * resource.every) < now_ || (missed && time == now_)) number += 1.0;
            return time;
        }
        for (int i = resource.dates.first; i < resource.dates.last; ++i)
            if (dates[i] > now_ || (dates[i] == now_ && !missed)) return dates[i];
        return NEVER;
    }

    void call(Unit& body, double time) {
        body.awaited = true;
        calendar_.add(time, SITTING, rank_of(body), static_cast<std::uint32_t>(&body - units_.data()), SITS);
    }

    void sit(Unit& body) {
        body.held = now_;
        body.awaited = false;
        if (body.queue.empty()) return;
        std::sort(body.queue.begin(), body.queue.end(), [this](int a, int b) {
            return groups_[a].since != groups_[b].since ? groups_[a].since < groups_[b].since : a < b;
        });
        const double room = level(resources[body.resource].steps, now_);
        const std::size_t count = static_cast<std::size_t>(std::min(room, static_cast<double>(body.queue.size())));
        heard_.assign(body.queue.begin(), body.queue.begin() + static_cast<std::ptrdiff_t>(count));
        body.queue.erase(body.queue.begin(), body.queue.begin() + static_cast<std::ptrdiff_t>(count));
        double next = NEVER;
        if (!body.queue.empty() && (next = next_sitting(body)) < NEVER) call(body, next);
        for (const int row : heard_) {
            groups_[row].waiting = false;
            decide(groups_[row], stages[groups_[row].stage]);
        }
        if (next < NEVER) return;
        for (const int row : body.queue) {
            groups_[row].waiting = false;
            leave(groups_[row], WINDOW_CLOSED, 0);
        }
        body.queue.clear();
    }

    void write(const Columns& c, std::int64_t row, std::int32_t replication) const {
        for (const Group& g : groups_) {
            c.replication[row] = replication;
            c.host[row] = g.host;
            c.type[row] = g.type;
            c.route[row] = g.route;
            c.headcount[row] = g.headcount;
            c.state[row] = g.state;
            c.stage[row] = g.stage;
            c.cause[row] = g.cause;
            c.form[row] = g.form;
            c.tries[row] = g.tries;
            c.turnover[row] = g.turnover;
            c.arrived[row] = g.arrival;
            c.exit_time[row] = g.exit_time;
            c.award[row] = g.award;
            std::copy_n(g.facts + LOG_HEADCOUNT + 1, TRAITS, c.traits + row * TRAITS);
            ++row;
        }
    }

    draws::Luck luck_{};
    Calendar calendar_;
    std::vector<Group> groups_;
    std::vector<Unit> units_;
    std::vector<int> heard_;
    int base_[RESOURCES] = {};
    int launched_[MILESTONES][REGIONS + 1] = {};
    double *entered_ = nullptr, *reached_ = nullptr, *costs_ = nullptr;
    double now_ = 0.0;
    Phase phase_ = TIMELINE;
    std::int64_t draws_ = 0;
};

}  // namespace

// Replications first, first + 1, ... into the columns; how many rows were written, or -1 where they do not fit.
extern "C" std::int64_t replications(std::uint64_t seed, std::int64_t first, std::int64_t count, std::int64_t capacity,
                                     const Columns* columns, Counts* counts) {
    World world;
    std::int64_t rows = 0;
    for (std::int64_t number = first; number < first + count; ++number) {
        const auto replication = static_cast<std::uint64_t>(number);
        const std::int64_t more = world.run(seed, replication, *columns, rows, capacity, *counts);
        if (more < 0) return -1;
        rows += more;
    }
    return rows;
}
