using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Tests.Planning;

internal static class PlanText
{
    public static string Of(Plan plan)
    {
        using var stream = new MemoryStream();
        PlanJson.Write(plan, stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
