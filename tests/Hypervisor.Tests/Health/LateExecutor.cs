using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Health;

/// <summary>An executor that has too much to do: while it is held, what is posted waits.</summary>
internal sealed class LateExecutor(HostExecutor inner) : HostExecutor
{
    private readonly List<(Action<object?> Callback, object? State)> _waiting = [];

    public bool IsHeld { get; private set; }

    public override void Post(Action<object?> callback, object? state)
    {
        if (IsHeld) _waiting.Add((callback, state));
        else inner.Post(callback, state);
    }

    public void Hold() => IsHeld = true;

    public void Release()
    {
        IsHeld = false;
        foreach ((Action<object?> callback, object? state) in _waiting) inner.Post(callback, state);
        _waiting.Clear();
    }
}
