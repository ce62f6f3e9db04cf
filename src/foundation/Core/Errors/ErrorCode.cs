namespace Sirsi.Core.Errors;

/// <summary>
/// A stable, documented name for one way of failing. Codes are listed in <c>docs/errors.md</c>; each library owns a range
/// of numbers and keeps its codes as static fields of one class.
/// </summary>
/// <param name="Number">1 to 9999, unique over the whole product, never reused.</param>
/// <param name="Title">What went wrong, in a few words, without the details of one case.</param>
/// <param name="Remedy">What the reader can do about it.</param>
public sealed record ErrorCode(int Number, string Title, string Remedy)
{
    /// <summary>The code as people see it, for example <c>SIRSI-4001</c>.</summary>
    public override string ToString() => $"SIRSI-{Number:0000}";
}
