using System.Collections.Immutable;

namespace Sirsi.Store;

/// <summary>Which page of a listing is wanted.</summary>
/// <param name="Limit">Items at most, 1 to 1,000; default 100.</param>
/// <param name="Cursor">What the page before gave as <see cref="Page{T}.Next"/>; null for the first page.</param>
public sealed record PageRequest(int Limit = 100, string? Cursor = null)
{
    /// <summary>Most items of a page.</summary>
    public const int LimitMax = 1_000;

    /// <summary>The key after which the page begins, or null for the first page.</summary>
    /// <param name="listing">What is listed, with all that narrows it: a cursor of one listing is refused by another.</param>
    /// <exception cref="ArgumentException">The limit is out of range, or the cursor is not of this listing.</exception>
    public byte[]? After(string listing)
    {
        if (Limit is < 1 or > LimitMax) throw new ArgumentException($"A page has 1 to {LimitMax:N0} items.");
        return Cursor is null ? null
            : PageCursor.TryDecode(Cursor, listing, out byte[]? key) ? key
            : throw new ArgumentException("The cursor is not one that this listing gave.");
    }
}

/// <summary>
/// A page of a listing that goes on by key, not by count: what is added or removed meanwhile neither repeats nor skips others.
/// </summary>
/// <param name="Items">The items in order.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record Page<T>(ImmutableArray<T> Items, string? Next)
{
    /// <summary>Makes a page of up to <c>Limit + 1</c> items that a query gave; the one too many only shows that there is a next page.</summary>
    internal static Page<T> Of(ImmutableArray<T> found, PageRequest page, string listing, Func<T, byte[]> key) => found.Length <= page.Limit
        ? new(found, null)
        : new(found[..page.Limit], PageCursor.Encode(listing, key(found[page.Limit - 1])));
}
