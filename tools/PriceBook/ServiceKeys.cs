using Sirsi.Clouds;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>The grammar of service keys: the end of the last part is the unit.</summary>
internal static class ServiceKeys
{
    private static readonly (string Ending, PriceUnit Unit)[] Endings =
    [
        ("gib-month", PriceUnit.GibMonth),
        ("gib-hour", PriceUnit.GibHour),
        ("gib-second", PriceUnit.GibSecond),
        ("ghz-second", PriceUnit.GhzSecond),
        ("vcpu-hour", PriceUnit.VcpuHour),
        ("iops-month", PriceUnit.IopsMonth),
        ("mibps-month", PriceUnit.MibpsMonth),
        ("unit-hour", PriceUnit.UnitHour),
        ("unit-month", PriceUnit.UnitMonth),
        ("gib", PriceUnit.Gib),
        ("hour", PriceUnit.Hour),
        ("month", PriceUnit.Month),
        ("request", PriceUnit.Request),
    ];

    internal static PriceUnit UnitOf(string key)
    {
        string last = key[(key.LastIndexOf('/') + 1)..];
        foreach ((string ending, PriceUnit unit) in Endings)
            if (last == ending || last.EndsWith("-" + ending, StringComparison.Ordinal))
                return unit;
        throw new CloudsException(CloudsErrors.PriceSourceUnreadable, $"The service key {key} ends in no unit.");
    }
}
