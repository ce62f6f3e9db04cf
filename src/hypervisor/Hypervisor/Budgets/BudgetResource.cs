using System.Globalization;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>What is budgeted.</summary>
public enum BudgetResource
{
    /// <summary>Money, in millionths of the tree's currency.</summary>
    Money,

    /// <summary>Tokens of language models, in and out.</summary>
    ModelTokens,

    /// <summary>Calls to the host: tools, requests to the outside.</summary>
    HostCalls,

    /// <summary>Processor time in nanoseconds.</summary>
    CpuTime,

    /// <summary>Bytes stored. A level and not a flow: it falls when something is deleted, and no new period renews it.</summary>
    BytesStored,

    /// <summary>Bytes sent to the outside.</summary>
    BytesSent,
}

internal static class BudgetResources
{
    public const int Count = 6;

    private static readonly string[] Names = ["money", "model tokens", "host calls", "processor time", "bytes stored", "bytes sent"];

    public static string Name(this BudgetResource resource) => Names[(int)resource];

    /// <summary>An amount with its unit, for people.</summary>
    public static string Text(this BudgetResource resource, long amount, string currency) => resource switch
    {
        BudgetResource.Money => string.Create(CultureInfo.InvariantCulture, $"{amount / 1_000_000m:0.######} {currency}"),
        BudgetResource.CpuTime => string.Create(CultureInfo.InvariantCulture, $"{amount / 1_000_000m:0.###} ms of {resource.Name()}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{amount} {resource.Name()}"),
    };
}
