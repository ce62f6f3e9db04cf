namespace Sirsi.Store;

/// <summary>A migration that a database says was applied to it.</summary>
/// <param name="Component">Whose it was.</param>
/// <param name="Number">Its number in that component's series.</param>
/// <param name="Name">What it did.</param>
/// <param name="Checksum">SHA-256 of its text, hexadecimal.</param>
/// <param name="AppliedAt">When.</param>
public sealed record AppliedMigration(string Component, int Number, string Name, string Checksum, DateTimeOffset AppliedAt);
