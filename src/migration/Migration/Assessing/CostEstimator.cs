using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Reckons what a resource costs a month (730 hours) at public on-demand list prices, from its facts alone. The same reckoning serves
/// what is there today and what a design proposes. What it charges for is the table <c>Data/costs.tsv</c>. Immutable and thread-safe.
/// </summary>
public sealed class CostEstimator
{
    /// <summary>What makes nothing outside Terraform.</summary>
    private const string Helper = "helper";

    private readonly PriceCatalogue _prices;
    private readonly CostTable _table;

    /// <summary>An estimator over a price catalogue.</summary>
    public CostEstimator(PriceCatalogue prices)
    {
        ArgumentNullException.ThrowIfNull(prices);
        _prices = prices;
        _table = CostTable.Embedded;
    }

    /// <summary>
    /// The monthly cost of one resource. What has no price is named in <see cref="CostEstimate.Missing"/> and never counts as 0;
    /// commitments, discounts, free allowances and taxes are left out.
    /// </summary>
    /// <param name="cloud">Whose resource it is.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="type">Its Terraform type, which tells parts of one kind apart that are charged differently.</param>
    /// <param name="region">
    /// Its region; null when it is not known, and then only what needs no region is known. What lies in no region (names, content
    /// delivery, identities) has the price of the cloud's reference region.
    /// </param>
    /// <param name="facts">Its facts, in the words of <c>docs/estate-model.md</c>.</param>
    public CostEstimate Estimate(Cloud cloud, ResourceKind kind, string type, string? region, AttributeMap facts)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(facts);
        if (cloud is Cloud.Other)
        {
            return kind == ResourceKind.Setting || kind.Name == Helper
                ? CostEstimate.Free
                : new CostEstimate(CostStatus.Unknown, [], ["we know no prices of this provider"]);
        }

        var bill = new Bill(_prices, cloud, IsGlobal(kind) ? ReferenceRegion(cloud) : region, facts);
        var about = AttributeMap.Of(("terraformType", AttributeValue.Of(type)));
        bool any = false;
        foreach (CostRow row in _table.Of(cloud, kind))
        {
            if (row.When is { } when && !when.IsTrue(facts, about)) continue;
            any = true;
            Add(bill, row, facts, about);
        }

        if (!any && kind == ResourceKind.Unknown) bill.AddMissing($"we do not know what {type} is");
        else if (!any) bill.AddMissing($"{kind}: what it is charged for is not known");
        return bill.ToEstimate();
    }

    /// <summary>What lies in no region has one price for all.</summary>
    private static bool IsGlobal(ResourceKind kind) => kind.Family is "dns" or "cdn" or "identity" or "governance";

    /// <summary>Where the price book keeps what costs the same everywhere.</summary>
    private static string ReferenceRegion(Cloud cloud) => cloud switch
    {
        Cloud.Aws => "us-east-1",
        Cloud.Azure => "eastus",
        _ => "us-central1",
    };

    private static void Add(Bill bill, CostRow row, AttributeMap facts, AttributeMap about)
    {
        string what = Filled(row.What, facts, absent: "")!.Trim();
        switch (row.Charge)
        {
            case Charge.Free:
                break;
            case Charge.Unknown:
                bill.AddMissing(what);
                break;
            case Charge.Usage:
                bill.AddUsage(what, Filled(row.Key, facts));
                break;
            default:
                AddTimed(bill, row, what, facts, about);
                break;
        }
    }

    private static void AddTimed(Bill bill, CostRow row, string what, AttributeMap facts, AttributeMap about)
    {
        if (row.Quantity?.Evaluate(facts, about).AsNumber is not { } quantity)
        {
            bill.AddMissing($"{what}: {Unsaid(row.Quantity, facts)} is not stated");
            return;
        }

        switch (row.Key)
        {
            case "@machine":
                MachineCosts.AddMachine(bill, facts, quantity);
                break;
            case "@rootDisk":
                DiskCosts.AddRootDisk(bill, facts, quantity);
                break;
            case "@dataDisks":
                DiskCosts.AddDataDisks(bill, facts, quantity);
                break;
            case "@disk":
                DiskCosts.AddDisk(bill, facts);
                break;
            case "@database":
                DatabaseCosts.AddServer(bill, facts);
                break;
            case "@databaseStorage":
                DatabaseCosts.AddStorage(bill, facts, quantity);
                break;
            default:
                if (Filled(row.Key, facts) is { } key) bill.AddService(what, quantity, key);
                else bill.AddMissing($"{what}: its size is not stated");
                break;
        }
    }

    /// <summary>Puts facts into <c>{name}</c>, and <paramref name="absent"/> for one that is not known; null when that is null.</summary>
    private static string? Filled(string template, AttributeMap facts, string? absent = null)
    {
        if (!template.Contains('{', StringComparison.Ordinal)) return template;
        var text = new System.Text.StringBuilder(template.Length + 16);
        int at = 0;
        while (template.IndexOf('{', at) is var open and >= 0)
        {
            int close = template.IndexOf('}', open);
            AttributeValue value = facts[template[(open + 1)..close]];
            string? shown = value.Type is AttributeType.Text or AttributeType.Number ? value.ToString() : absent;
            if (shown is null) return null;
            text.Append(template, at, open - at).Append(shown);
            at = close + 1;
        }

        return text.Append(template, at, template.Length - at).ToString();
    }

    private static string Unsaid(Expression? quantity, AttributeMap facts) =>
        quantity?.References.FirstOrDefault(name => facts[name].AsNumber is null) ?? "how many";
}
