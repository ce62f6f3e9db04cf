using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sirsi.Core.Hosting;

namespace Sirsi.Simulation.Running;

/// <summary>A hash over what a machine has come to: its steps, its clock, and the bytes of its files.</summary>
internal static class Fingerprint
{
    public static ulong Of(DeterministicHost machine)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<long> numbers = [machine.Steps, machine.Environment.Time.GetTimestamp()];
        hash.AppendData(MemoryMarshal.AsBytes(numbers));
        machine.Files.AppendTo(hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
    }
}
