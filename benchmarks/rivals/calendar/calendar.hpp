// The event calendar: a binary heap by time, then phase of the instant, whom it concerns, and when it was set up.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

enum Phase : std::uint64_t { TIMELINE, RELEASE, SITTING, REQUEST };
enum What : std::uint32_t { ARRIVES, ENTERS, TRIES_AGAIN, WORK_ENDS, GIVES_UP, SITS, CHANGES };

struct Event {
    double time;
    std::uint64_t order;    // phase, rank, serial number
    std::uint32_t who;      // a group or a unit
    std::uint32_t what : 3;
    std::uint32_t stamp : 29;

    Phase phase() const { return static_cast<Phase>(order >> 62); }
};

// Times are never negative, so that their bits stand in the same order as they; one comparison without a branch.
struct Later {
    static unsigned __int128 key(const Event& event) {
        std::uint64_t bits;
        std::memcpy(&bits, &event.time, sizeof bits);
        return static_cast<unsigned __int128>(bits) << 64 | event.order;
    }
    bool operator()(const Event& a, const Event& b) const { return key(a) > key(b); }
};

class Calendar {
public:
    Calendar() { heap_.reserve(4096); }

    void clear() {
        heap_.clear();
        serial_ = 0;
    }
    bool empty() const { return heap_.empty(); }
    const Event& next() const { return heap_.front(); }

    void add(double time, Phase phase, std::uint64_t rank, std::uint32_t who, What what, std::uint32_t stamp = 0) {
        heap_.push_back({time, phase << 62 | rank << 32 | serial_++, who, what, stamp});
        std::push_heap(heap_.begin(), heap_.end(), Later());
    }
    Event take() {
        std::pop_heap(heap_.begin(), heap_.end(), Later());
        const Event event = heap_.back();
        heap_.pop_back();
        return event;
    }

private:
    std::vector<Event> heap_;
    std::uint64_t serial_ = 0;
};
