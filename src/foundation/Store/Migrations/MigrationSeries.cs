using System.Collections.Immutable;

namespace Sirsi.Store;

/// <summary>All migrations of one component: what it needs in the database it shares with others. Immutable.</summary>
public sealed class MigrationSeries
{
    /// <summary>A series.</summary>
    /// <param name="component">Who owns the tables: lower-case letters, digits and <c>-</c>; <c>store</c> is ours.</param>
    /// <param name="migrations">The migrations, numbered 1, 2, 3 … without gaps.</param>
    public MigrationSeries(string component, params IEnumerable<Migration> migrations)
    {
        ArgumentException.ThrowIfNullOrEmpty(component);
        ArgumentNullException.ThrowIfNull(migrations);
        if (component.Any(static c => !(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            throw new ArgumentException("A component's name has lower-case letters, digits and '-' only.", nameof(component));
        Component = component;
        Migrations = [.. migrations];
        for (int index = 0; index < Migrations.Length; index++)
        {
            if (Migrations[index].Number != index + 1)
                throw new ArgumentException($"Migrations of '{component}' are numbered from 1 without gaps; number {index + 1} is missing.", nameof(migrations));
        }
    }

    /// <summary>Who owns the tables.</summary>
    public string Component { get; }

    /// <summary>The migrations in order.</summary>
    public ImmutableArray<Migration> Migrations { get; }
}
