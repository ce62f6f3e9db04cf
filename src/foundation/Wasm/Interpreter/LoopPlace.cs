namespace Sirsi.Wasm.Interpreter;

/// <summary>A loop in translated code.</summary>
/// <param name="Offset">The offset of its <c>loop</c> instruction.</param>
/// <param name="End">The instruction that follows it.</param>
/// <param name="Outer">Where branches out of it lead, innermost block around it first: position and cost; position -1 returns.</param>
internal sealed record LoopPlace(int Offset, int End, (int Position, int Cost)[] Outer);
