using System.Text;

namespace Sirsi.Wasm.Extism;

/// <summary>Where a plug-in's variables are kept. Called during a call of the plug-in, on its thread.</summary>
public interface IExtismVariables
{
    /// <summary>The value of a variable; null when there is none.</summary>
    byte[]? Get(string name);

    /// <summary>Sets a variable, or removes it with null.</summary>
    /// <exception cref="InvalidOperationException">There would be more than is allowed; the message tells the plug-in's author.</exception>
    void Set(string name, byte[]? value);
}

/// <summary>Variables that live as long as the plug-in.</summary>
internal sealed class KeptVariables(int bytesMax) : IExtismVariables
{
    private const int Overhead = 48;

    private readonly Dictionary<string, byte[]> _values = new(StringComparer.Ordinal);
    private long _bytes;

    public byte[]? Get(string name) => _values.GetValueOrDefault(name);

    public void Set(string name, byte[]? value)
    {
        long left = _bytes - Cost(name, Get(name));
        if (left + Cost(name, value) > bytesMax) throw new InvalidOperationException($"The variables are more than {bytesMax} bytes.");
        _bytes = left + Cost(name, value);
        if (value is null) _values.Remove(name);
        else _values[name] = value;
    }

    private static long Cost(string name, byte[]? value) => value is null ? 0 : Encoding.UTF8.GetByteCount(name) + (long)value.Length + Overhead;
}
