using System.Globalization;
using System.Text.Json;

namespace Sirsi.EndToEnd.Tests;

/// <summary>The report in a real browser, opened from disk without a network.</summary>
[Trait("Suite", "slow")]
public sealed class ReportTests
{
    [Theory, InlineData(1440), InlineData(390)]
    public async Task The_report_fits_its_window_and_runs_without_errors(int width)
    {
        Measurement report = await MeasureAsync(width);
        Assert.True(report.ScrollWidth <= width, $"The page is {report.ScrollWidth} pixels wide in a window of {width}.");
        Assert.Empty(report.Errors);
        Assert.Empty(report.Requests);
    }

    [Fact]
    public async Task The_mapping_table_filters_and_sorts()
    {
        Measurement report = await MeasureAsync(1440);
        Assert.True(report.RowsBefore > 20, $"{report.RowsBefore} rows");
        Assert.InRange(report.RowsAfter, 1, report.RowsBefore - 1);
    }

    private static async Task<Measurement> MeasureAsync(int width)
    {
        if (!ChildProcess.IsInstalled("chromium")) Assert.Skip("skipped: chromium is not on this machine");
        using var folder = new TemporaryFolder();
        string bundle = await FrontScript.MigrateAsync("shop.tfstate", "azure", folder);
        string page = folder.Write("frame.html", Frame(new Uri(Path.Combine(bundle, "report.html")).AbsoluteUri, width));
        ProgramResult result = await ChildProcess.RunAsync("chromium",
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--allow-file-access-from-files", "--virtual-time-budget=10000",
            "--user-data-dir=" + folder.File("profile"), "--dump-dom", new Uri(page).AbsoluteUri,
        ]);
        const string Open = "<pre id=\"measured\">";
        int start = result.Output.IndexOf(Open, StringComparison.Ordinal);
        Assert.True(start >= 0, "The browser measured nothing:\n" + result.Output + result.Error);
        start += Open.Length;
        string json = System.Net.WebUtility.HtmlDecode(result.Output[start..result.Output.IndexOf("</pre>", start, StringComparison.Ordinal)]);
        return JsonSerializer.Deserialize<Measurement>(json, JsonSerializerOptions.Web)!;
    }

    /// <summary>A page that shows the report in a frame of the given width and writes down what it sees there.</summary>
    private static string Frame(string report, int width) => $$"""
        <!doctype html><meta charset="utf-8"><title>frame</title>
        <iframe id="report" style="border:0;width:{{width.ToString(CultureInfo.InvariantCulture)}}px;height:2000px" src="{{report}}"></iframe>
        <script>
          const frame = document.getElementById('report');
          const errors = [];
          frame.addEventListener('load', () => {
            const page = frame.contentDocument;
            frame.contentWindow.addEventListener('error', event => errors.push(String(event.message)));
            const rows = () => [...page.querySelectorAll('#mapping tbody tr')].filter(row => row.offsetParent !== null).length;
            const before = rows();
            const search = page.querySelector('#mapping input[type=search]');
            if (search) { search.value = 'database'; search.dispatchEvent(new frame.contentWindow.Event('input', { bubbles: true })); }
            setTimeout(() => {
              const result = {
                scrollWidth: page.documentElement.scrollWidth,
                errors,
                requests: frame.contentWindow.performance.getEntriesByType('resource').map(entry => entry.name),
                rowsBefore: before,
                rowsAfter: rows(),
              };
              const shown = document.createElement('pre');
              shown.id = 'measured';
              shown.textContent = JSON.stringify(result);
              document.body.append(shown);
            }, 1000);
          });
        </script>
        """;

    private sealed record Measurement(int ScrollWidth, string[] Errors, string[] Requests, int RowsBefore, int RowsAfter);
}
