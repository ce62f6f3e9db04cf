namespace Sirsi.Migration.Emitting.Terraform;

internal static class AzureTable
{
    public static IEnumerable<(string Kinds, string Type, Emitter Emitter)> Rows => [];
}
