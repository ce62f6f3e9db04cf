// A real program: SQLite with a database in memory: inserts, an index, joins, aggregates, updates, text search and sorting.
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

#include "../kernels/kernel.h"
SIZES(1, 20)

// A file system without files: a database in memory only wants one to exist.
static int open_nothing(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    return (void)vfs, (void)name, (void)flags, (void)out, file->pMethods = NULL, SQLITE_CANTOPEN;
}
static int delete_nothing(sqlite3_vfs *vfs, const char *name, int sync) { return (void)vfs, (void)name, (void)sync, SQLITE_OK; }
static int access_nothing(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    return (void)vfs, (void)name, (void)flags, *out = 0, SQLITE_OK;
}
static int full_name(sqlite3_vfs *vfs, const char *name, int most, char *out) {
    return (void)vfs, sqlite3_snprintf(most, out, "%s", name), SQLITE_OK;
}
static int randomness(sqlite3_vfs *vfs, int count, char *out) { return (void)vfs, memset(out, 7, (size_t)count), count; }
static int do_not_sleep(sqlite3_vfs *vfs, int microseconds) { return (void)vfs, microseconds; }
static int the_time(sqlite3_vfs *vfs, double *out) { return (void)vfs, *out = 2461000.5, SQLITE_OK; }

int sqlite3_os_init(void) {
    static sqlite3_vfs vfs = {
        .iVersion = 1, .szOsFile = sizeof(sqlite3_file), .mxPathname = 64, .zName = "none", .xOpen = open_nothing,
        .xDelete = delete_nothing, .xAccess = access_nothing, .xFullPathname = full_name, .xRandomness = randomness,
        .xSleep = do_not_sleep, .xCurrentTime = the_time};
    return sqlite3_vfs_register(&vfs, 1);
}
int sqlite3_os_end(void) { return SQLITE_OK; }

static void execute(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) abort();
}

static void insert(sqlite3 *db, int count) {
    sqlite3_stmt *customer, *order;
    uint32_t state = 1234;
    execute(db, "BEGIN");
    if (sqlite3_prepare_v2(db, "INSERT INTO customers VALUES (?, ?, ?)", -1, &customer, NULL) != SQLITE_OK) abort();
    if (sqlite3_prepare_v2(db, "INSERT INTO orders (customer, amount, note) VALUES (?, ?, ?)", -1, &order, NULL) != SQLITE_OK) abort();
    for (int i = 0; i < count; i++) {
        char name[32];
        sqlite3_snprintf(sizeof name, name, "customer %u", next_random(&state) >> 20);
        sqlite3_bind_int(customer, 1, i);
        sqlite3_bind_text(customer, 2, name, -1, SQLITE_TRANSIENT);
        sqlite3_bind_int(customer, 3, (int)(next_random(&state) >> 28));
        if (sqlite3_step(customer) != SQLITE_DONE) abort();
        sqlite3_reset(customer);
        for (int j = 0; j < 4; j++) {
            sqlite3_bind_int(order, 1, (int)(next_random(&state) % (uint32_t)count));
            sqlite3_bind_double(order, 2, (double)(next_random(&state) >> 18) / 4);
            sqlite3_bind_text(order, 3, j & 1 ? "deliver on monday" : "by ship", -1, SQLITE_STATIC);
            if (sqlite3_step(order) != SQLITE_DONE) abort();
            sqlite3_reset(order);
        }
    }
    sqlite3_finalize(customer);
    sqlite3_finalize(order);
    execute(db, "COMMIT");
}

// Sums up all that a query gives.
static uint64_t query(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement;
    uint64_t sum = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) abort();
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            for (const unsigned char *text = sqlite3_column_text(statement, i); text && *text; text++) sum = sum * 131 + *text;
    if (sqlite3_finalize(statement) != SQLITE_OK) abort();
    return sum;
}

RUN uint64_t run(int n) {
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) abort();
    execute(db, "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, region INTEGER);"
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, amount REAL, note TEXT)");
    insert(db, n * 200);
    execute(db, "CREATE INDEX by_customer ON orders (customer)");
    uint64_t sum = query(db, "SELECT region, count(*), sum(amount), min(name), max(note) FROM customers JOIN orders ON customer = customers.id "
                             "GROUP BY region ORDER BY 3 DESC");
    sum ^= query(db, "SELECT name, (SELECT total(amount) FROM orders WHERE customer = customers.id) AS due FROM customers "
                     "WHERE region IN (1, 3, 5, 7) ORDER BY due DESC, name LIMIT 100");
    sum ^= query(db, "SELECT count(*), upper(note), avg(amount) FROM orders WHERE note LIKE '%monday%' AND amount BETWEEN 100 AND 3000 GROUP BY note");
    execute(db, "UPDATE orders SET amount = amount * 1.5 WHERE customer % 3 = 0; DELETE FROM orders WHERE customer % 7 = 0");
    sum ^= query(db, "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t WHERE x < 2000) SELECT sum(x * x % 17), group_concat(x % 10, '') FROM t");
    sum ^= query(db, "SELECT sum(amount), count(DISTINCT customer) FROM orders");
    if (sqlite3_close(db) != SQLITE_OK) abort();
    return sum;
}
