namespace Sirsi.Migration.Emitting.Terraform;

internal static class GcpTable
{
    public static IEnumerable<(string Kinds, string Type, Emitter Emitter)> Rows => [];
}
