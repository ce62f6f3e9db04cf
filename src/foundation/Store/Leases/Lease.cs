namespace Sirsi.Store;

/// <summary>
/// The right to be the only one for a while. Others may take it over once it has expired, so every write it guards carries
/// <see cref="Token"/>: <see cref="Leases.IsCurrentAsync"/> in the same unit refuses a holder that has been succeeded.
/// </summary>
/// <param name="Scope">Whose it is.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Holder">Who has it.</param>
/// <param name="Token">The fencing token: greater than that of every earlier holder.</param>
/// <param name="ExpiresAt">Until when, unless prolonged, by the database's clock.</param>
public sealed record Lease(ProjectScope Scope, string Name, string Holder, long Token, DateTimeOffset ExpiresAt);
