namespace Sirsi.Bus.Schemas;

/// <summary>What becomes of payloads whose schema is not registered.</summary>
public enum UnregisteredPayloads
{
    /// <summary>An event that names no schema passes as opaque bytes; a name or version that is not registered is refused.</summary>
    PassUnnamed,

    /// <summary>Every event must name a registered schema.</summary>
    Refuse,

    /// <summary>Whatever is not registered passes as opaque bytes.</summary>
    Pass,
}

/// <summary>The limits of a <see cref="SchemaRegistry"/>. Immutable: derive a variant with <c>with</c>. Checked when a builder is made.</summary>
public sealed record SchemaOptions
{
    /// <summary>The deepest nesting an option may allow: the walker uses the stack of its caller.</summary>
    public const int DepthLimit = 1_000;

    /// <summary>The largest payload that passes, in bytes; default 1 MiB. At least 1.</summary>
    public int PayloadBytesMax { get; init; } = 1 << 20;

    /// <summary>How deep messages and groups may lie in each other, the payload itself being 0; default 100, as in other readers. 0 to 1,000.</summary>
    public int DepthMax { get; init; } = 100;

    /// <summary>How many schemas may be registered, each version counted; default 1,000. At least 1.</summary>
    public int SchemasMax { get; init; } = 1_000;

    /// <summary>The largest descriptor set that is read, in bytes; default 1 MiB. At least 1.</summary>
    public int DescriptorBytesMax { get; init; } = 1 << 20;

    /// <summary>What becomes of payloads whose schema is not registered; default <see cref="UnregisteredPayloads.PassUnnamed"/>.</summary>
    public UnregisteredPayloads Unregistered { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(PayloadBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(DepthMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DepthMax, DepthLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(SchemasMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DescriptorBytesMax, 1);
        if (!Enum.IsDefined(Unregistered)) throw new ArgumentOutOfRangeException(nameof(Unregistered), Unregistered, "Not a known choice.");
    }
}
