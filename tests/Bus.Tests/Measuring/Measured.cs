using System.Diagnostics.Metrics;
using Sirsi.Bus.Publishing;

namespace Sirsi.Bus.Tests.Measuring;

/// <summary>Listens to the buses' meter, and sums up what concerns one tenant; other tests measure at the same time. Safe for any number of threads.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly string _tenant;
    private readonly Dictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> _tags = new(StringComparer.Ordinal);

    /// <param name="tenant">Whose.</param>
    /// <param name="by">A tag by whose value an instrument's sums are told apart, as <c>NAME VALUE</c>; null for not.</param>
    public Measured(string tenant, string? by = null)
    {
        _tenant = tenant;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == EventBus.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags, by));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags, by));
        _listener.Start();
    }

    /// <summary>What an instrument has counted so far; of a gauge what it showed last.</summary>
    public double this[string name]
    {
        get
        {
            lock (_lock) return _sums.GetValueOrDefault(name);
        }
    }

    /// <summary>The tags of an instrument's last measurement.</summary>
    public IReadOnlyDictionary<string, string> TagsOf(string name)
    {
        lock (_lock) return _tags[name];
    }

    /// <summary>Has the gauges look.</summary>
    public void Look() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, string? by)
    {
        bool isOurs = false;
        string? kind = null;
        foreach ((string key, object? tag) in tags)
        {
            isOurs |= key == "sirsi.tenant" && (string?)tag == _tenant;
            if (key == by) kind = (string?)tag;
        }

        if (!isOurs) return;
        lock (_lock)
        {
            bool isGauge = name is "sirsi.bus.window.messages" or "sirsi.bus.in_flight.messages";
            _sums[name] = isGauge ? value : _sums.GetValueOrDefault(name) + value;
            if (by is null) return;
            _tags[name] = [];
            foreach ((string key, object? tag) in tags) _tags[name][key] = (string)tag!;
            if (kind is not null) _sums[$"{name} {kind}"] = _sums.GetValueOrDefault($"{name} {kind}") + value;
        }
    }
}
