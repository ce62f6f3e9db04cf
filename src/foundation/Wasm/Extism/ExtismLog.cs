namespace Sirsi.Wasm.Extism;

/// <summary>How much a message matters; the numbers are the ABI's.</summary>
public enum ExtismLogLevel
{
    /// <summary>Every step.</summary>
    Trace = 0,

    /// <summary>For who looks for a fault.</summary>
    Debug = 1,

    /// <summary>What went on.</summary>
    Info = 2,

    /// <summary>Something odd.</summary>
    Warn = 3,

    /// <summary>Something failed.</summary>
    Error = 4,

    /// <summary>As a threshold: nothing at all.</summary>
    Off = int.MaxValue,
}

/// <summary>Takes what a plug-in logs. Called on the thread of the call; the text is the plug-in's, of at most 16 KiB.</summary>
public delegate void ExtismLogSink(ExtismLogLevel level, string text);
