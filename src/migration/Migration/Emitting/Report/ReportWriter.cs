namespace Sirsi.Migration.Emitting.Report;

internal static class ReportWriter
{
    public static void Write(MigrationResult result, Stream stream)
    {
        stream.Write([]);
        _ = result;
    }
}
