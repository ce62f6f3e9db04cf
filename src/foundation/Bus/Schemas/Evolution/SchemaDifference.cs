namespace Sirsi.Bus.Schemas.Evolution;

/// <summary>What a difference between two versions of a schema does to those who know only one of them.</summary>
public enum SchemaImpact
{
    /// <summary>Both versions read what the other writes.</summary>
    Compatible,

    /// <summary>They do as long as the reason's condition holds, or only JSON differs. Somebody should have thought of it.</summary>
    Conditional,

    /// <summary>One of them loses or misreads what the other writes, or a later version could.</summary>
    Breaking,
}

/// <summary>One difference between two versions of a schema.</summary>
/// <param name="Path">Full name of the message, field, oneof, enumeration or value that differs, in the older version where it has it.</param>
/// <param name="Impact">What it does.</param>
/// <param name="Reason">What differs and what follows from it, for people.</param>
public sealed record SchemaDifference(string Path, SchemaImpact Impact, string Reason)
{
    /// <summary>One line: path and reason.</summary>
    public override string ToString() => $"{Path}: {Reason}";
}
