using Sirsi.Clouds.Terraform;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;

namespace Sirsi.Clouds.Estates;

/// <summary>How far the reading of an estate is.</summary>
/// <param name="Input">The input being read, as it is called in the estate.</param>
/// <param name="InputNumber">Its number, from 1.</param>
/// <param name="InputCount">How many inputs there are.</param>
/// <param name="Share">How much of the bytes of all inputs is read, 0 to 1.</param>
/// <param name="Resources">Resources read in all inputs before this one.</param>
public readonly record struct EstateProgress(string Input, int InputNumber, int InputCount, double Share, int Resources);

/// <summary>Reads estates from files.</summary>
public static class EstateSource
{
    /// <summary>
    /// Reads Terraform states and plans, alone or many together, into one estate. A folder stands for all states and plans in it.
    /// What is wrong with single resources is told in <see cref="Estate.Diagnostics"/>; secrets are masked as they are read.
    /// </summary>
    /// <param name="paths">Files and folders; at least one. The same path twice is read once.</param>
    /// <param name="options">Limits; null for the usual ones.</param>
    /// <param name="progress">Is told as bytes are read, on the reading thread.</param>
    /// <param name="executor">Where to read, for reading keeps a processor busy; null for the caller's thread.</param>
    /// <param name="cancellationToken">Ends the reading soon.</param>
    /// <returns>The estate: the same inputs give the same estate, whatever order they are given in.</returns>
    /// <exception cref="CloudsException">An input is missing, unreadable, too large, broken, or neither a state nor a plan. The message
    /// names the file and, where there is one, the line and column.</exception>
    public static Task<Estate> ReadAsync(
        IReadOnlyList<string> paths, TerraformReaderOptions? options = null, IProgress<EstateProgress>? progress = null,
        HostExecutor? executor = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) throw new ArgumentException("At least one path is needed.", nameof(paths));
        TerraformReaderOptions limits = options ?? TerraformReaderOptions.Default;
        return executor is null ? ReadHereAsync(paths, limits, progress, cancellationToken)
            : executor.RunAsync(() => ReadHereAsync(paths, limits, progress, cancellationToken));
    }

    private static async Task<Estate> ReadHereAsync(
        IReadOnlyList<string> paths, TerraformReaderOptions options, IProgress<EstateProgress>? progress, CancellationToken cancellationToken)
    {
        var reader = new TerraformReader(options);
        IReadOnlyList<EstateInput> inputs = EstateInput.Find(paths, options, reader.Diagnostics);
        var resources = new List<RawResource>();
        double bytesInAll = Math.Max(1, progress is null ? 0 : inputs.Sum(static input => input.Bytes));
        long bytesBefore = 0;
        int read = 0;
        for (int index = 0; index < inputs.Count; index++)
        {
            EstateInput input = inputs[index];
            cancellationToken.ThrowIfCancellationRequested();
            int number = index + 1;
            int before = resources.Count;
            long behind = bytesBefore;
            IProgress<long>? bytes = progress is null ? null
                : new Bytes(count => progress.Report(
                    new EstateProgress(input.Name, number, inputs.Count, Math.Min(1, (behind + count) / bytesInAll), before)));
            bytesBefore += input.Bytes;
            TerraformContent? content = await ReadInputAsync(reader, input, options, bytes, cancellationToken);
            if (content is null) continue;
            read++;
            resources.AddRange(TerraformLinks.Resolve(input.Name, content, options, reader.Diagnostics));
        }

        if (read == 0)
            throw new CloudsException(CloudsErrors.FolderWithoutInput, $"{string.Join(", ", paths)}: there is no state and no plan in it.");
        return EstateBuilder.Build(resources, options.RelationsPerResourceMax, reader.Diagnostics, cancellationToken);
    }

    private static async Task<TerraformContent?> ReadInputAsync(
        TerraformReader reader, EstateInput input, TerraformReaderOptions options, IProgress<long>? progress, CancellationToken cancellation)
    {
        await using Stream stream = input.Open(options.FileBytesMax);
        try
        {
            return reader.Read(input.Name, stream, progress, cancellation);
        }
        catch (CloudsException failure) when (input.MayBeSomethingElse && IsSomethingElse(failure.Code))
        {
            reader.Diagnostics.Add(new Diagnostic(CloudsErrors.FileSkipped, DiagnosticSeverity.Information,
                "This is neither a state nor a plan; it is left out.", new SourcePosition(input.Name)));
            return null;
        }
    }

    private static bool IsSomethingElse(ErrorCode code) =>
        code == CloudsErrors.InputNotTerraform || code == CloudsErrors.InputNotJson || code == CloudsErrors.InputEmpty;

    private sealed class Bytes(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
