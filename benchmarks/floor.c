/* The floor: W1 and W3 as plain C loops that keep an equity curve. cc -O3 -march=native floor.c -o floor
   floor COLUMNS BARS CALLS, where COLUMNS holds open, high, low and close as doubles, one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FAST 10
#define SLOW 30
#define FEE 0.001
#define CASH 1e7

typedef struct { const double *open, *high, *low, *close; long bars; } Market;
typedef struct { long trades; double equity; } Result;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

/* One unit: in at the open after the averages cross up, out at the open after they cross down, or by stop and target. */
__attribute__((noinline)) static Result run(Market m, int bracket, double *curve) {
    Result result = {0, CASH};
    double cash = CASH, fast = 0, slow = 0, before_fast = 0, before_slow = 0, stop = 0, target = 0;
    int units = 0, pending = 0;
    for (long i = 0; i < m.bars; i++) {
        int entered = 0;
        if (pending) {
            double price = m.open[i];
            cash -= pending * price + price * FEE;
            if (pending < 0) result.trades++;
            units += pending;
            entered = pending > 0;
            stop = price * 0.99;
            target = price * 1.02;
            pending = 0;
        }
        if (bracket && units) {
            double price = 0;
            if (m.low[i] <= stop) price = !entered && m.open[i] < stop ? m.open[i] : stop;
            else if (m.high[i] >= target) price = !entered && m.open[i] > target ? m.open[i] : target;
            if (price > 0) {
                cash += price - price * FEE;
                units = 0;
                result.trades++;
            }
        }
        fast += m.close[i];
        slow += m.close[i];
        if (i >= FAST) fast -= m.close[i - FAST];
        if (i >= SLOW) slow -= m.close[i - SLOW];
        if (i >= SLOW - 1) {
            double a = fast / FAST, b = slow / SLOW;
            if (i >= SLOW) {
                if (!units && a > b && before_fast <= before_slow) pending = 1;
                else if (!bracket && units && a < b && before_fast >= before_slow) pending = -1;
            }
            before_fast = a;
            before_slow = b;
        }
        curve[i] = cash + units * m.close[i];
    }
    result.equity = curve[m.bars - 1];
    return result;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    int bracket = strcmp(arguments[1], "w3") == 0, calls = atoi(arguments[4]);
    long bars = atol(arguments[3]);
    double *columns = malloc(4 * bars * sizeof(double)), *curve = calloc(bars, sizeof(double));
    double *times = malloc(calls * sizeof(double));
    FILE *file = fopen(arguments[2], "rb");
    if (!columns || !curve || !times || !file) return 1;
    if (fread(columns, sizeof(double), 4 * bars, file) != (size_t)(4 * bars)) return 1;
    Market market = {columns, columns + bars, columns + 2 * bars, columns + 3 * bars, bars};
    double begin = seconds();
    Result result = run(market, bracket, curve);
    double cold = seconds() - begin;
    clock_t processor = clock();
    for (int n = 0; n < calls; n++) {
        double start = seconds();
        result = run(market, bracket, curve);
        times[n] = seconds() - start;
    }
    double spent = (double)(clock() - processor) / CLOCKS_PER_SEC / calls;
    qsort(times, calls, sizeof(double), ascending);
    printf("{\"run_s\": %.9f, \"cold_s\": %.9f, \"cpu_s\": %.9f, \"units\": %ld, \"trades\": %ld, \"equity\": %.6f, "
           "\"version\": \"cc %s\"}\n",
           times[calls / 2], cold, spent, bars, result.trades, result.equity, __VERSION__);
    return 0;
}
