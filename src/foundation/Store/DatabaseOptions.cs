namespace Sirsi.Store;

/// <summary>Which database to open, and within which limits.</summary>
public abstract record DatabaseOptions
{
    private protected DatabaseOptions()
    {
    }

    /// <summary>Limits that hold for every kind of database.</summary>
    public DatabaseLimits Limits { get; init; } = new();

    internal virtual void Validate()
    {
        ArgumentNullException.ThrowIfNull(Limits);
        Limits.Validate();
    }
}
