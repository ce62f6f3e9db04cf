namespace Sirsi.Wasm.Interpreter;

/// <summary>
/// Gives references that lie in guest frames a number, since frames are not seen by the garbage collector. Numbers live as long as the
/// outermost invocation; tables and globals hold the objects themselves, so nothing is kept longer.
/// </summary>
internal sealed class ReferenceHandles
{
    private readonly List<object> _objects = [];
    private readonly Dictionary<object, ulong> _handles = new(ReferenceEqualityComparer.Instance);

    internal object? this[ulong handle] => handle == 0 ? null : _objects[(int)handle - 1];

    internal ulong Handle(object? reference)
    {
        if (reference is null) return 0;
        if (_handles.TryGetValue(reference, out ulong handle)) return handle;
        _objects.Add(reference);
        handle = (ulong)_objects.Count;
        _handles.Add(reference, handle);
        return handle;
    }

    internal void Clear()
    {
        if (_objects.Count == 0) return;
        _objects.Clear();
        _handles.Clear();
    }
}
