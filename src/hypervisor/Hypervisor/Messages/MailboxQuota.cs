namespace Sirsi.Hypervisor.Messages;

/// <summary>
/// The bytes that all mailboxes of a session may hold. Mailboxes take them in pieces, so that a message seldom touches what all share. Thread-safe;
/// <c>reserved</c> is a mailbox's own, under its lock.
/// </summary>
internal sealed class MailboxQuota(long bytesMax)
{
    private const int Piece = 1024;

    private long _reserved;

    public long Reserved => Interlocked.Read(ref _reserved);

    /// <summary>Takes what a mailbox of so many bytes needs; false, and nothing is taken, when there is not as much.</summary>
    public bool TryReserve(ref int reserved, long bytes, bool force)
    {
        int wanted = (int)((bytes + Piece - 1) / Piece * Piece), more = wanted - reserved;
        if (Interlocked.Add(ref _reserved, more) > bytesMax && !force)
        {
            Interlocked.Add(ref _reserved, -more);
            return false;
        }

        reserved = wanted;
        return true;
    }

    /// <summary>Gives back all but a piece of what a mailbox that rests does not use.</summary>
    public void GiveBack(ref int reserved, long bytes)
    {
        if (reserved <= Piece || bytes > Piece) return;
        Interlocked.Add(ref _reserved, Piece - reserved);
        reserved = Piece;
    }

    public void GiveAllBack(ref int reserved)
    {
        Interlocked.Add(ref _reserved, -reserved);
        reserved = 0;
    }
}
