namespace Sirsi.Store;

/// <summary>What a database has done since it was opened.</summary>
/// <param name="Units">Units of work that are on disk.</param>
/// <param name="Failed">Units of work of which nothing was kept.</param>
/// <param name="Commits">Transactions that were committed; fewer than units where several shared one.</param>
/// <param name="Repeats">Times a unit was begun again because it collided or a connection was lost.</param>
/// <param name="Waiting">Units that wait for their turn now.</param>
/// <param name="WaitingMax">How many may wait before callers have to.</param>
public sealed record DatabaseStatistics(long Units, long Failed, long Commits, long Repeats, int Waiting, int WaitingMax);
