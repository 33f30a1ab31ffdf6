// What the rows of plan.hpp are. plan.hpp itself is written by header.py from the plan of the scenario.
#pragma once
#include <cstdint>
#include <limits>

namespace plan {

constexpr double NEVER = std::numeric_limits<double>::infinity();

enum Slot { TYPE, REGION, ROUTE, LOG_HEADCOUNT };
enum Kind { FIXED, LOGNORMAL, UNIFORM, TRIANGULAR, EMPIRICAL };
enum Payer { PROGRAMME, HOST, GROUP };
enum Need { NOTHING, SERVERS, FUND };

struct Range { int first, last; };                     // rows of a table, the last not included
struct Term { int slot, level; double shift; };        // level < 0: shift times the fact
struct Test { int slot; std::uint32_t values; };       // bit v stands for the value v
struct Period { double start, stop, change; };
struct Ease { int milestone; double shift; };
struct Step { double time, level; };
struct Given { int slot; double value; };
struct Distribution { Kind kind; double a, b, c, least, most; Range values; };
// The distribution of type t is distributions[distribution + t].
struct Drawn { std::uint64_t key; int distribution; };
struct Trait { std::uint64_t key; int slot; double log_odds; Range terms; };
struct Region { std::uint64_t place; int hosts; double joins; Range given; };
struct Type { double share; int headcount, turnover; };
struct Stream { std::uint64_t member; int type; double rate, start, stop, limit; Range terms, periods; };
struct Route { double code, weight, opens, closes; Range terms, tests, stages; };
struct Rule { std::uint64_t key; int barrier, form; Range tests, terms, eases, periods; };
struct Retry { std::uint64_t key; double chance, tries; Drawn delay; };
struct Gate { Rule rule; double log_odds; Range exemplars; bool retried; Retry retry; };
struct Hazard { Rule rule; double rate; };
struct Cost { Payer payer; Drawn amount; };
struct Stage {
    double closes;
    Need need;
    int resource;
    Drawn award, work;
    Range stretches, drags;
    int decided_by;                                    // a resource, or -1
    Range gates, hazards, costs;
    int milestone;                                     // or -1
};
struct Exemplar { int milestone; bool regional; double log_odds; int at_most; };
enum Scope { NATION, PER_REGION, PER_HOST };
struct Resource {
    std::uint64_t key;
    Scope scope;
    Range steps;                                       // servers and sittings: (time, places)
    Range dates;                                       // a panel
    double every, first;                               // a meeting
    bool staggered;
    Range deposits, openings;                          // a fund
};

}  // namespace plan
