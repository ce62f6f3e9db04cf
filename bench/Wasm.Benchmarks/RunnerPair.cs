namespace Sirsi.Wasm.Benchmarks;

/// <summary>Node and this engine, each in a process of its own.</summary>
internal sealed class RunnerPair : IDisposable
{
    /// <exception cref="InvalidOperationException">Node is not installed.</exception>
    public RunnerPair(Settings settings)
    {
        Node = RunnerProcess.Node();
        Ours = RunnerProcess.Ours(settings);
    }

    public RunnerProcess Node { get; }

    public RunnerProcess Ours { get; }

    public void Dispose()
    {
        Node.Dispose();
        Ours.Dispose();
    }
}
