using Sirsi.Clouds.Estates;
using Sirsi.Core.Hosting;

namespace Sirsi.Clouds.Tests.Terraform;

public sealed class AddressesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Modules_counts_and_keys_are_part_of_the_id()
    {
        Estate estate = await Read("a.tfstate", """
            {"version":4,"resources":[
            {"module":"module.shop[\"eu.west\"].module.net","mode":"managed","type":"aws_vpc","name":"v","instances":[
              {"index_key":"a\"b","attributes":{"id":"1"}},{"index_key":"c","attributes":{"id":"2"}}]},
            {"mode":"managed","type":"aws_vpc","name":"v","instances":[{"index_key":0,"attributes":{"id":"3"}},{"index_key":1,"attributes":{"id":"4"}}]},
            {"mode":"data","type":"aws_vpc","name":"looked_up","instances":[{"attributes":{"id":"5"}}]},
            {"mode":"managed","type":"aws_vpc","name":"old","instances":[{"deposed":"1a2b3c4d","attributes":{"id":"6"}},{"attributes":{"id":"7"}}]}]}
            """);
        Assert.Equal(
            [
                "aws_vpc.old", "aws_vpc.v[0]", "aws_vpc.v[1]", "module.shop[\"eu.west\"].module.net.aws_vpc.v[\"a\\\"b\"]",
                "module.shop[\"eu.west\"].module.net.aws_vpc.v[\"c\"]",
            ],
            estate.Resources.Select(static resource => resource.Id));
        Assert.Equal("7", estate.Find("aws_vpc.old")!.Attributes["id"].AsText);
        Assert.Contains(estate.Diagnostics, static diagnostic => diagnostic.Code == CloudsErrors.DeposedObject);
    }

    [Fact]
    public async Task Given_an_executor_reading_does_not_work_on_the_callers_thread()
    {
        var host = new DeterministicHost(seed: 1);
        string path = _folder.Write("x.tfstate", """{"version":4,"resources":[]}""");
        Task<Estate> reading = EstateSource.ReadAsync([path], executor: host.Environment.Executor);
        Assert.False(reading.IsCompleted);
        host.Run(() => reading);
        Assert.Empty((await reading).Resources);
    }

    [Fact]
    public async Task An_address_in_two_sources_is_preceded_by_the_source()
    {
        const string both = """{"mode":"managed","type":"aws_vpc","name":"v","instances":[{"attributes":{"id":"1"}}]}""";
        string first = _folder.Write("prod/terraform.tfstate", """{"version":4,"resources":[""" + both + "]}");
        string second = _folder.Write("test/terraform.tfstate",
            """{"version":4,"resources":[""" + both + """,{"mode":"managed","type":"aws_vpc","name":"w","instances":[{"attributes":{"id":"2"}}]}]}""");
        Estate estate = await EstateSource.ReadAsync([first, second]);
        Assert.Equal(["aws_vpc.w", "prod/terraform.tfstate:aws_vpc.v", "test/terraform.tfstate:aws_vpc.v"], estate.Resources.Select(static resource => resource.Id));
        Estate reversed = await EstateSource.ReadAsync([second, first, second]);
        Assert.Equal(estate.Resources.Select(static resource => resource.Id), reversed.Resources.Select(static resource => resource.Id));
        Assert.Contains(reversed.Diagnostics, static diagnostic => diagnostic.Code == CloudsErrors.InputRepeated);
    }

    [Fact]
    public async Task Old_states_give_lists_maps_and_types_back()
    {
        Estate estate = await Read("a.tfstate", """
            {"version":3,"modules":[{"path":["root","net"],"resources":{"aws_instance.web.2":{"type":"aws_instance","depends_on":["aws_subnet.a"],
            "primary":{"id":"i-1","attributes":{"id":"i-1","monitoring":"true","cpu":"2","ids.#":"2","ids.10":"b","ids.2":"a","tags.%":"1","tags.a.b":"x",
            "block.#":"1","block.0.size":"8","subnet_id":"12"}}},"data.aws_ami.x":{"type":"aws_ami","primary":{"id":"ami"}},
            "aws_subnet.a":{"type":"aws_subnet","primary":{"id":"12","attributes":{"id":"12"}}}}}]}
            """);
        AttributeMap web = estate.Find("module.net.aws_instance.web[2]")!.Attributes;
        Assert.Equal(2, estate.Resources.Length);
        Assert.True(web["monitoring"].AsBoolean);
        Assert.Equal(2, web["cpu"].AsWhole);
        Assert.Equal(["a", "b"], web["ids"].AsList.Select(static item => item.AsText));
        Assert.Equal("x", web["tags"].AsMap!["a.b"].AsText);
        Assert.Equal(8, web["block"].AsList[0].AsMap!["size"].AsWhole);
        Assert.Equal("12", web["subnet_id"].AsText);
    }

    private async Task<Estate> Read(string name, string text) => await EstateSource.ReadAsync([_folder.Write(name, text)]);
}
