using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>How what becomes of tasks comes to the disk.</summary>
internal sealed partial class TaskDispatcher
{
    /// <summary>When this completes they are on disk; when it fails none of them is, at the latest when the host is opened again.</summary>
    private async ValueTask StoreAsync(HostLedger ledger, List<SessionTask> submitted)
    {
        var facts = new FactWriter();
        int place = 0;
        while (place < submitted.Count && facts.Length < FactRecords.BytesAbout) TaskFacts.WriteSubmitted(facts, submitted[place++]);
        if (place < submitted.Count) await StorePartsAsync(ledger, submitted);
        else if (facts.Length > 0) await ledger.AppendAsync(facts.Written);
    }

    /// <summary>They are too many for one record: they go into several, and count with the last.</summary>
    private async ValueTask StorePartsAsync(HostLedger ledger, List<SessionTask> submitted)
    {
        long submission = submitted[0].Number;
        var facts = new FactWriter();
        bool isBegun = false;
        try
        {
            foreach (SessionTask task in submitted)
            {
                TaskFacts.WriteSubmitting(facts, submission, task);
                if (facts.Length < FactRecords.BytesAbout) continue;
                await ledger.AppendAsync(facts.Written);
                isBegun = true;
                facts.Clear();
            }

            await ledger.AppendAsync(TaskFacts.WriteSubmissionEnded(facts, submission, isWhole: true).Written);
        }
        catch (HypervisorException failure) when (isBegun && failure.Code != HypervisorErrors.StorageFailed)
        {
            host.Own(GiveUpPartsAsync(ledger, submission));
            throw;
        }
    }

    /// <summary>Parts of a submission that has no end come to nothing. What could not be stored of that is found again when the host is opened.</summary>
    private async Task GiveUpPartsAsync(HostLedger ledger, long submission)
    {
        try
        {
            await ledger.CommitAsync(TaskFacts.WriteSubmissionEnded(new FactWriter(), submission, isWhole: false).Written, failure =>
            {
                if (host.IsStopping) throw failure;
            });
        }
        catch (HypervisorException)
        {
            // Said above.
        }
    }

    private async ValueTask StoreSettlingAsync(SessionTask task, FactWriter facts)
    {
        if (host.Ledger is not { } ledger) return;
        try
        {
            await ledger.CommitAsync(facts.Written);
        }
        catch
        {
            lock (_gate) LetGo(task);
            throw;
        }
    }

    /// <summary>Has something stored, in this order, that nothing waits for.</summary>
    private void BeginToStore(FactRecords facts)
    {
        if (host.Ledger is not { } ledger) return;
        foreach (FactWriter record in facts.All) host.Own(StoreAsync(ledger, record));
    }

    /// <summary>A journal that does not take it does not take what comes behind it either, or it is found again when the host is opened.</summary>
    private static async Task StoreAsync(HostLedger ledger, FactWriter facts)
    {
        try
        {
            await ledger.AppendAsync(facts.Written);
        }
        catch (HypervisorException)
        {
            // Said above.
        }
    }
}
