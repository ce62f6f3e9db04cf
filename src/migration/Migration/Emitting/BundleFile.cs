namespace Sirsi.Migration.Emitting;

/// <summary>One file of a bundle.</summary>
/// <param name="Path">Where it lies in the bundle: relative, with <c>/</c> between folders, no <c>..</c>.</param>
/// <param name="WriteAsync">Writes its content; called once. What it throws ends the writing of the bundle.</param>
public sealed record BundleFile(string Path, Func<Stream, CancellationToken, Task> WriteAsync);
