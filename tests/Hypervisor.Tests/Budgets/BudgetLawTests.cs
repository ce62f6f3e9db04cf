using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;

namespace Sirsi.Hypervisor.Tests.Budgets;

/// <summary>Budgets beside a model that keeps every reservation in a list and adds up when asked.</summary>
public sealed class BudgetLawTests
{
    private static readonly BudgetResource[] Resources = Enum.GetValues<BudgetResource>();

    [Fact]
    public void An_account_decides_as_a_model_that_adds_up_all_reservations() => Check.That(seed: 81, runs: 400, static random =>
    {
        var host = new DeterministicHost(random.Next());
        List<Modelled> accounts = [Modelled.Root(random, host.Environment)];
        var open = new List<(BudgetReservation Reservation, Entry Entry)>();
        for (int step = 0; step < 120; step++)
        {
            switch (random.Next(12))
            {
                case 0 when accounts.Count < 8:
                    accounts.Add(accounts[random.Next(accounts.Count)].Child(random, accounts.Count));
                    break;
                case < 7:
                    Reserve(random, accounts[random.Next(accounts.Count)], open);
                    break;
                case < 9 when open.Count > 0:
                    Settle(random, TakeFrom(open, random));
                    break;
                case 9 when open.Count > 0:
                    (BudgetReservation reservation, Entry entry) = TakeFrom(open, random);
                    reservation.Dispose();
                    entry.Reserved = entry.Used = default;
                    break;
                case 10:
                    host.Advance(TimeSpan.FromMinutes(random.Next(90)));
                    break;
                case 11 when random.Next(6) == 0:
                    accounts[random.Next(accounts.Count)].Close();
                    break;
                default:
                    break;
            }

            foreach (Modelled account in accounts) account.AssertSame();
        }
    });

    private static void Reserve(Random random, Modelled account, List<(BudgetReservation, Entry)> open)
    {
        BudgetAmounts amounts = Drawn(random, most: 12);
        (Modelled Account, BudgetResource Resource)? obstacle = account.Obstacle(amounts);
        bool reserved = account.Account.TryReserve(amounts, out BudgetReservation reservation, out BudgetRefusal refusal);
        Assert.Equal(obstacle is null && !account.IsClosed, reserved);
        if (reserved) open.Add((reservation, account.Add(amounts)));
        else if (account.IsClosed) Assert.Equal(BudgetRefusalReason.Closed, refusal.Reason);
        else Assert.Equal((obstacle!.Value.Account.Account.Name, obstacle.Value.Resource), (refusal.Account, refusal.Resource!.Value));
    }

    private static void Settle(Random random, (BudgetReservation Reservation, Entry Entry) open)
    {
        BudgetAmounts actual = Drawn(random, most: 16);
        Assert.True(open.Reservation.Settle(actual));
        Assert.False(open.Reservation.Settle(actual));
        foreach (BudgetResource resource in Resources)
        {
            open.Entry.Used = open.Entry.Used.With(resource, Math.Min(actual[resource], open.Entry.Reserved[resource]));
            open.Entry.Overrun = open.Entry.Overrun.With(resource, Math.Max(0, actual[resource] - open.Entry.Reserved[resource]));
        }

        open.Entry.Reserved = default;
        open.Entry.SettledIn = open.Entry.Path.ConvertAll(static account => account.Period());
    }

    private static T TakeFrom<T>(List<T> list, Random random)
    {
        int at = random.Next(list.Count);
        T taken = list[at];
        list.RemoveAt(at);
        return taken;
    }

    private static BudgetAmounts Drawn(Random random, int most)
    {
        BudgetAmounts amounts = default;
        foreach (BudgetResource resource in Resources)
            if (random.Next(3) == 0) amounts = amounts.With(resource, random.Next(most));
        return amounts;
    }

    private sealed class Entry
    {
        public required List<Modelled> Path { get; init; }

        public BudgetAmounts Reserved { get; set; }

        public BudgetAmounts Used { get; set; }

        public BudgetAmounts Overrun { get; set; }

        public List<long> SettledIn { get; set; } = [];

        public bool CountsAt(Modelled account, BudgetResource resource) =>
            resource is BudgetResource.BytesStored || SettledIn[Path.IndexOf(account)] == account.Period();
    }

    private sealed class Modelled
    {
        private static readonly TimeSpan[] Periods = [TimeSpan.FromHours(1), TimeSpan.FromHours(6)];

        private readonly List<Entry> _entries = [];
        private readonly HostEnvironment _environment;

        private Modelled(BudgetLimits limits, Modelled? parent, HostEnvironment environment, BudgetAccount account)
        {
            (Limits, _environment, Account) = (limits, environment, account);
            Path = parent is null ? [this] : [.. parent.Path, this];
        }

        public BudgetLimits Limits { get; }

        public BudgetAccount Account { get; }

        public List<Modelled> Path { get; }

        public bool IsClosed => Path.Exists(static account => account.ClosedItself);

        private bool ClosedItself { get; set; }

        public static Modelled Root(Random random, HostEnvironment environment)
        {
            BudgetLimits limits = DrawnLimits(random, root: true);
            return new Modelled(limits, parent: null, environment, new BudgetAccount("0", limits, new BudgetOptions(), environment));
        }

        public Modelled Child(Random random, int number)
        {
            if (IsClosed) return this;
            BudgetLimits limits = DrawnLimits(random, root: false);
            return new Modelled(limits, this, _environment, Account.CreateChild($"{number}", limits));
        }

        public long Period() => Limits.RenewsEvery is not { } every ? 0
            : (long)Math.Floor((_environment.Time.GetUtcNow() - Limits.RenewsFrom) / every);

        public Entry Add(BudgetAmounts amounts)
        {
            var entry = new Entry { Path = Path, Reserved = amounts };
            foreach (Modelled account in Path) account._entries.Add(entry);
            return entry;
        }

        public (Modelled, BudgetResource)? Obstacle(BudgetAmounts amounts)
        {
            foreach (BudgetResource resource in Resources)
                if (amounts[resource] > 0 && Path.TrueForAll(account => account.Limits[resource] is null)) return (this, resource);
            foreach (Modelled account in Path)
                foreach (BudgetResource resource in Resources)
                    if (amounts[resource] > 0 && account.Limits[resource] is { } limit && account.Spent(resource) + amounts[resource] > limit)
                        return (account, resource);
            return null;
        }

        public void Close()
        {
            ClosedItself = true;
            Account.Close();
        }

        public void AssertSame()
        {
            BudgetSnapshot snapshot = Account.Snapshot();
            foreach (BudgetResource resource in Resources)
            {
                Assert.Equal(Sum(resource, static (entry, r) => entry.Used[r]), snapshot.Used[resource]);
                Assert.Equal(Sum(resource, static (entry, r) => entry.Overrun[r]), snapshot.Overrun[resource]);
                Assert.Equal(_entries.Sum(entry => entry.Reserved[resource]), snapshot.Reserved[resource]);
                if (Limits[resource] is { } limit) Assert.InRange(snapshot.Used[resource] + snapshot.Reserved[resource], 0, limit);
            }
        }

        private long Spent(BudgetResource resource) =>
            _entries.Sum(entry => entry.Reserved[resource]) + Sum(resource, static (entry, r) => entry.Used[r] + entry.Overrun[r]);

        private long Sum(BudgetResource resource, Func<Entry, BudgetResource, long> of) =>
            _entries.Where(entry => entry.SettledIn.Count > 0 && entry.CountsAt(this, resource)).Sum(entry => of(entry, resource));

        private static BudgetLimits DrawnLimits(Random random, bool root)
        {
            var limits = new BudgetLimits { RenewsEvery = random.Next(3) == 0 ? Periods[random.Next(2)] : null };
            foreach (BudgetResource resource in Resources)
                if (root ? random.Next(8) > 0 : random.Next(3) == 0) limits = limits.With(resource, random.Next(10, root ? 80 : 40));
            return limits;
        }
    }
}
