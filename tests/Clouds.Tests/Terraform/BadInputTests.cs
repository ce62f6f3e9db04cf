using System.Text;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Terraform;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Tests.Terraform;

public sealed class BadInputTests : IDisposable
{
    private const string Head = """{"version": 4, "terraform_version": "1.9.0", "resources": [""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_missing_file_is_said_to_be_missing() =>
        await Refused([_folder.File("none.tfstate")], CloudsErrors.InputMissing, "none.tfstate");

    [Fact]
    public async Task An_empty_file_is_said_to_be_empty()
    {
        await Refused("", CloudsErrors.InputEmpty);
        await Refused(" \n\t \n", CloudsErrors.InputEmpty);
    }

    [Theory]
    [InlineData("resource \"aws_instance\" \"web\" {}", "1:1")]
    [InlineData("{\n  \"version\": 4,\n  oops\n}", "3:3")]
    [InlineData("{\"version\": 4} trailing", "1:16")]
    [InlineData("{\"version\": 4,,}", "1:15")]
    public async Task What_is_no_JSON_is_refused_at_its_position(string text, string position) =>
        await Refused(text, CloudsErrors.InputNotJson, $"input.tfstate:{position}:");

    [Fact]
    public async Task A_file_that_ends_too_early_is_told_from_one_that_is_wrong()
    {
        string whole = Head + """{"mode":"managed","type":"aws_vpc","name":"é","instances":[{"attributes":{"id":"v","n":12.5,"b":true}}]}]}""";
        byte[] bytes = Encoding.UTF8.GetBytes(whole);
        for (int length = 1; length < bytes.Length; length++)
        {
            string path = _folder.File("cut.tfstate");
            await File.WriteAllBytesAsync(path, bytes[..length]);
            await Refused([path], CloudsErrors.InputTruncated, "cut.tfstate:1:");
        }
    }

    [Fact]
    public async Task The_position_of_an_early_end_is_right_in_a_long_file()
    {
        string filler = string.Join(",\n", Enumerable.Range(0, 20_000).Select(static index =>
            $$$"""{"mode":"managed","type":"aws_vpc","name":"v{{{index}}}","instances":[{"attributes":{"id":"vpc-{{{index}}}"}}]}"""));
        await Refused(Head + "\n" + filler + ",\n{\"mode\":", CloudsErrors.InputTruncated, "input.tfstate:20002:9:");
    }

    [Theory]
    [InlineData("""{"hello": "world"}""")]
    [InlineData("[]")]
    [InlineData("""[{"Type":"aws_vpc"}]""")]
    [InlineData("""{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"a":{"Type":"AWS::S3::Bucket"}}}""")]
    [InlineData("""{"$schema":"https://schema.management.azure.com/x","contentVersion":"1.0.0.0","resources":[{"type":"a","name":"b"}]}""")]
    [InlineData("""{"name":"package","version":"1.0.0"}""")]
    public async Task Other_JSON_is_no_state(string text) => await Refused(text, CloudsErrors.InputNotTerraform, "input.tfstate:1:1:");

    [Theory]
    [InlineData("""{"version": 2, "modules": []}""")]
    [InlineData("""{"version": 5, "resources": []}""")]
    [InlineData("""{"format_version": "2.0", "planned_values": {}}""")]
    [InlineData("""{"format_version": "x", "planned_values": {}}""")]
    public async Task Versions_we_do_not_read_are_refused(string text) => await Refused(text, CloudsErrors.InputVersion);

    [Theory]
    [InlineData("""{"version": "4", "resources": []}""")]
    [InlineData("""{"resources": [], "version": "4"}""")]
    [InlineData("""{"version": 4, "resources": 5}""")]
    [InlineData("""{"version": 4, "resources": "x"}""")]
    [InlineData("""{"format_version": 1, "planned_values": {}}""")]
    [InlineData("""{"format_version": "1.0", "planned_values": []}""")]
    public async Task A_frame_of_the_wrong_type_is_refused(string text) => await Refused(text, CloudsErrors.InputWrongShape, "input.tfstate:1:");

    [Fact]
    public async Task Values_nested_200_deep_are_refused_with_a_clear_message()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 200)) + string.Concat(Enumerable.Repeat("]", 200));
        string text = Head + """{"mode":"managed","type":"aws_vpc","name":"v","instances":[{"attributes":{"id":""" + deep + "}}]}]}";
        await Refused(text, CloudsErrors.InputTooDeep, "more than 128 deep");
        await Refused(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), CloudsErrors.InputTooDeep);
    }

    [Fact]
    public async Task Values_nested_a_hundred_deep_are_read()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"a":""", 100)) + "1" + new string('}', 100);
        Estate estate = await Read(Head + """{"mode":"managed","type":"aws_vpc","name":"v","instances":[{"attributes":{"id":"x","deep":""" + deep + "}}]}]}");
        Assert.Single(estate.Resources);
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_before_it_is_read()
    {
        string path = _folder.File("huge.tfstate");
        await using (FileStream stream = File.Create(path)) stream.SetLength(2L << 30);
        await Refused([path], CloudsErrors.InputTooLarge, "2147483648 bytes");
        string small = _folder.Write("small.tfstate", Head + "]}");
        await Refused([small], CloudsErrors.InputTooLarge, "limit of 10", new TerraformReaderOptions { FileBytesMax = 10 });
    }

    [Fact]
    public async Task Garbage_is_refused_by_its_first_bytes()
    {
        string path = _folder.File("garbage.tfstate");
        await File.WriteAllBytesAsync(path, new byte[100_000_000]);
        await Refused([path], CloudsErrors.InputNotJson);
        await File.WriteAllBytesAsync(path, [0x50, 0x4B, 3, 4, 0, 0]);
        await Refused([path], CloudsErrors.InputNotJson, "terraform show -json");
        await File.WriteAllBytesAsync(path, Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{}")).ToArray());
        await Refused([path], CloudsErrors.InputNotJson, "UTF-16");
    }

    [Fact]
    public async Task Random_bytes_are_refused_and_never_crash()
    {
        string path = _folder.File("random.tfstate");
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(path, random.Next(2) == 0 ? bytes : [.. "{\"version\":4,\"resources\":["u8, .. bytes]);
            await Assert.ThrowsAnyAsync<CloudsException>(() => EstateSource.ReadAsync([path]));
        }
    }

    [Fact]
    public async Task A_damaged_state_never_crashes()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Head + """
            {"module":"module.a","mode":"managed","type":"aws_vpc","name":"v","provider":"p","instances":[{"index_key":1,"attributes":
            {"id":"vpc-1","tags":{"a":"b"},"list":[1,2.5,null,true]},"sensitive_attributes":[[{"type":"get_attr","value":"id"}]],
            "dependencies":["aws_subnet.s"]}]}]}
            """);
        string path = _folder.File("damaged.tfstate");
        int read = 0;
        for (int seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)"{}[]:,\"0x\\ \n"[random.Next(12)];
            await File.WriteAllBytesAsync(path, damaged);
            try
            {
                await EstateSource.ReadAsync([path]);
                read++;
            }
            catch (CloudsException)
            {
                // Refused: as good as read.
            }
        }

        Assert.InRange(read, 1, 1_999);
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over()
    {
        string path = _folder.File("bom.tfstate");
        await File.WriteAllBytesAsync(path, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Head + "]}")]);
        Assert.Empty((await EstateSource.ReadAsync([path])).Resources);
    }

    [Fact]
    public async Task An_instance_of_the_wrong_type_is_left_out_and_all_else_stays()
    {
        Estate estate = await Read(Head + """

            {"mode":"managed","type":"aws_vpc","name":"a","instances":[{"attributes":{"id":"vpc-1"}}, 7, {"index_key":2,"attributes":"none"}]},
            {"mode":"managed","type":5,"name":"b","instances":[]},
            {"mode":"managed","name":"c","instances":[]},
            {"mode":"managed","type":"aws_vpc","name":"d","instances":{}},
            9,
            {"mode":"managed","type":"aws_vpc","name":"e","instances":[{"index_key":[1],"attributes":{}}]},
            {"mode":"managed","type":"aws_vpc","name":"f","instances":[{"attributes":{"id":"vpc-2"}}]}
            ]}
            """);
        Assert.Equal(["aws_vpc.a", "aws_vpc.f"], estate.Resources.Select(static resource => resource.Id));
        Diagnostic[] dropped = [.. estate.Diagnostics.Where(static diagnostic => diagnostic.Code == CloudsErrors.ResourceDropped)];
        Assert.Equal(7, dropped.Length);
        Assert.All(dropped, static diagnostic => Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity));
        Assert.Equal([2, 2, 3, 4, 5, 6, 7], dropped.Select(static diagnostic => diagnostic.Position!.Value.Line));
    }

    [Fact]
    public async Task An_address_that_occurs_twice_is_kept_once()
    {
        Estate estate = await Read(Head + """
            {"mode":"managed","type":"aws_vpc","name":"a","instances":[{"attributes":{"id":"first"}},{"attributes":{"id":"second"}}]}]}
            """);
        Assert.Equal("first", Assert.Single(estate.Resources).Attributes["id"].AsText);
        Assert.Contains(estate.Diagnostics, static diagnostic => diagnostic.Code == CloudsErrors.DuplicateAddress);
    }

    [Fact]
    public async Task More_resources_than_the_limit_are_refused()
    {
        string instances = string.Join(',', Enumerable.Range(0, 11).Select(static index => $$"""{"index_key":{{index}},"attributes":{ } }"""));
        string path = _folder.Write("many.tfstate", Head + """{"mode":"managed","type":"aws_vpc","name":"a","instances":[""" + instances + "]}]}");
        await Refused([path], CloudsErrors.TooManyResources, "more than 10", new TerraformReaderOptions { ResourcesMax = 10 });
    }

    [Fact]
    public async Task Dependencies_that_multiply_each_other_are_bounded()
    {
        const int count = 3_000;
        static string Instances(string dependencies, string key) => string.Join(',', Enumerable.Range(0, count).Select(index =>
            $$"""{"index_key":"{{key}}{{index}}","attributes":{},"dependencies":[{{dependencies}}]}"""));
        Estate estate = await Read(Head
            + """{"mode":"managed","type":"aws_vpc","name":"a","instances":[""" + Instances("", "a") + "]},"
            + """{"mode":"managed","type":"aws_vpc","name":"b","instances":[""" + Instances("\"aws_vpc.a\"", "b") + "]}]}");
        Assert.Equal(2 * count, estate.Resources.Length);
        Assert.All(estate.Resources, static resource => Assert.True(resource.Relations.Length <= 100));
        Assert.Contains(estate.Diagnostics, static diagnostic => diagnostic.Code == CloudsErrors.RelationsCut);
    }

    [Fact]
    public async Task Modules_that_multiply_each_other_are_bounded()
    {
        // Every module passes its output on twice: each doubles the paths.
        var modules = new StringBuilder();
        var closing = new StringBuilder();
        for (int level = 0; level < 15; level++)
        {
            modules.Append("""{"outputs":{"o":{"expression":{"references":["module.m.o","module.m.o.x","module.m.o[0]","module.n.o"]}}},"module_calls":{"m":{"module":""");
            closing.Insert(0, "}}}");
        }

        string nested = modules + """{"resources":[{"address":"aws_vpc.v","expressions":{}}],"outputs":{"o":{"expression":{"references":["aws_vpc.v.id"]}}}}""" + closing;
        Estate estate = await Read("""{"format_version":"1.0","planned_values":{"root_module":{"resources":[{"address":"aws_subnet.s","mode":"managed","type":"aws_subnet","name":"s","values":{}}]}},"configuration":{"root_module":{"resources":[{"address":"aws_subnet.s","expressions":{"vpc_id":{"references":["module.m.o"]}}}],"module_calls":{"m":{"module":"""
            + nested + "}}}}}");
        Assert.Single(estate.Resources);
    }

    [Fact]
    public async Task A_circle_of_references_ends()
    {
        Estate estate = await Read("""
            {"format_version":"1.0","planned_values":{"root_module":{"resources":[
            {"address":"aws_subnet.s","mode":"managed","type":"aws_subnet","name":"s","values":{}}]}},
            "configuration":{"root_module":{"resources":[{"address":"aws_subnet.s","expressions":{"vpc_id":{"references":["module.m.o"]}}}],
            "module_calls":{"m":{"expressions":{"v":{"references":["module.m.o"]}},"module":{"outputs":{"o":{"expression":{"references":["var.v"]}}}}}}}}}
            """);
        Assert.Empty(Assert.Single(estate.Resources).Relations);
    }

    [Fact]
    public async Task A_folder_without_estates_is_refused_and_other_files_beside_one_are_noted()
    {
        string empty = Directory.CreateDirectory(_folder.File("empty")).FullName;
        await Refused([empty], CloudsErrors.FolderWithoutInput);
        _folder.Write("estates/a.tfstate", Head + "]}");
        _folder.Write("estates/package.json", """{"name":"x"}""");
        _folder.Write("estates/notes.json", "none");
        _folder.Write("estates/.terraform/terraform.tfstate", """{"version":3,"backend":{}}""");
        Estate estate = await EstateSource.ReadAsync([_folder.File("estates")]);
        Assert.Equal(2, estate.Diagnostics.Count(static diagnostic => diagnostic.Code == CloudsErrors.FileSkipped));
        _folder.Write("estates/b.tfstate", "{");
        await Refused([_folder.File("estates")], CloudsErrors.InputTruncated, "b.tfstate");
    }

    [Fact]
    public async Task A_cancelled_reading_ends()
    {
        string path = _folder.Write("input.tfstate", Head + "]}");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            EstateSource.ReadAsync([path], cancellationToken: new CancellationToken(canceled: true)));
    }

    private async Task<Estate> Read(string text) => await EstateSource.ReadAsync([_folder.Write("input.tfstate", text)]);

    private async Task Refused(string text, ErrorCode code, string message = "input.tfstate") =>
        await Refused([_folder.Write("input.tfstate", text)], code, message);

    private static async Task Refused(string[] paths, ErrorCode code, string message = "", TerraformReaderOptions? options = null)
    {
        CloudsException failure = await Assert.ThrowsAsync<CloudsException>(() => EstateSource.ReadAsync(paths, options));
        Assert.Equal(code, failure.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }
}
