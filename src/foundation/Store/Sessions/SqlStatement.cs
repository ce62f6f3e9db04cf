namespace Sirsi.Store;

/// <summary>What a statement of a session may be.</summary>
internal static class SqlStatement
{
    private static readonly string[] OfTransactions = ["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "START", "ABORT", "PREPARE"];

    /// <summary>Transactions are the database's: one that a delegate ended would take other units with it.</summary>
    public static void ThrowIfWrong(string sql)
    {
        ArgumentException.ThrowIfNullOrEmpty(sql);
        ReadOnlySpan<char> text = sql.AsSpan().TrimStart();
        int end = 0;
        while (end < text.Length && char.IsAsciiLetter(text[end])) end++;
        foreach (string word in OfTransactions)
        {
            if (text[..end].Equals(word, StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException($"A unit of work is one transaction; {word} is not for its delegate.", nameof(sql));
        }
    }
}
