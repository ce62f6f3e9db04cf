using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What only durable agents have.</summary>
internal sealed class DurableState
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Queue<string> _keyOrder = new();

    /// <summary>What the turn under way stores; one turn at a time uses it.</summary>
    public FactWriter Facts { get; } = new();

    /// <summary>The steps of the turn under way that are stored, by index.</summary>
    public List<StepImage> Steps { get; } = [];

    /// <summary>Remembers an idempotency key; false when it is remembered already.</summary>
    public bool Remember(string key)
    {
        lock (_keys)
        {
            if (!_keys.Add(key)) return false;
            _keyOrder.Enqueue(key);
            if (_keyOrder.Count > HostImage.KeysMax) _keys.Remove(_keyOrder.Dequeue());
            return true;
        }
    }

    /// <summary>What came with the key was not stored after all.</summary>
    public void Forget(string key)
    {
        // It stays in the order, where it does no harm.
        lock (_keys) _keys.Remove(key);
    }
}
