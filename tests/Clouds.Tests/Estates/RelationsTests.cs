using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Tests.Estates;

public sealed class RelationsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_id_in_an_attribute_is_a_relation_with_its_path_as_evidence()
    {
        Estate estate = await State(
            ("aws_vpc", "v", """{"id":"vpc-0a1b2c3d"}""", ""),
            ("aws_subnet", "s", """{"id":"subnet-0a1b2c3d","vpc_id":"vpc-0a1b2c3d"}""", ""),
            ("aws_security_group", "g", """{"id":"sg-0a1b2c3d","vpc_id":"vpc-0a1b2c3d"}""", ""),
            ("aws_instance", "i", """{"id":"i-0a1b2c3d","subnet_id":"subnet-0a1b2c3d","vpc_security_group_ids":["sg-0000aaaa","sg-0a1b2c3d"]}""", ""));
        AssertRelated(estate, "aws_subnet.s", "in aws_vpc.v vpc_id");
        AssertRelated(estate, "aws_instance.i", "in aws_subnet.s subnet_id", "allowed_by aws_security_group.g vpc_security_group_ids[1]");
    }

    [Fact]
    public async Task An_attachment_relates_what_it_attaches()
    {
        Estate estate = await State(
            ("aws_instance", "i", """{"id":"i-0a1b2c3d"}""", ""),
            ("aws_ebs_volume", "v", """{"id":"vol-0a1b2c3d"}""", ""),
            ("aws_volume_attachment", "a", """{"id":"vai-1","volume_id":"vol-0a1b2c3d","instance_id":"i-0a1b2c3d"}""", ""));
        Assert.Contains(estate.Find("aws_ebs_volume.v")!.Relations, static relation =>
            relation.Kind is RelationKind.AttachedTo && relation.Target == "aws_instance.i");
    }

    [Fact]
    public async Task A_setting_configures_its_owner_and_not_another_setting_of_the_same_id()
    {
        Estate estate = await State(
            ("aws_s3_bucket", "b", """{"id":"shop","bucket":"shop","arn":"arn:aws:s3:::shop"}""", ""),
            ("aws_s3_bucket_policy", "p", """{"id":"shop","bucket":"shop"}""", ""),
            ("aws_s3_bucket_versioning", "v", """{"id":"shop","bucket":"shop","versioning_configuration":[{"status":"Enabled"}]}""", ""));
        AssertRelated(estate, "aws_s3_bucket_policy.p", "configures aws_s3_bucket.b bucket");
        AssertRelated(estate, "aws_s3_bucket_versioning.v", "configures aws_s3_bucket.b bucket");
    }

    [Fact]
    public async Task Azure_ids_match_whatever_their_case_and_parts_of_a_resource_lead_to_it()
    {
        const string network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";
        Estate estate = await State(
            ("azurerm_virtual_network", "v", $$"""{"id":"{{network}}","location":"West Europe"}""", ""),
            ("azurerm_subnet", "s", $$"""{"id":"{{network}}/subnets/a","virtual_network_name":"v","name":"a"}""", ""),
            ("azurerm_network_interface", "n", $$"""{"id":"/subscriptions/s/nic","ip_configuration":[{"subnet_id":"{{network.ToUpperInvariant()}}/SUBNETS/A"}]}""", ""),
            ("azurerm_lb", "l", """{"id":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/l"}""", ""),
            ("azurerm_unheard_of", "u", """{"id":"/x","thing_id":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/l/frontendIPConfigurations/f"}""", ""));
        AssertRelated(estate, "azurerm_network_interface.n", "in azurerm_subnet.s ip_configuration[0].subnet_id");
        AssertRelated(estate, "azurerm_unheard_of.u", "uses azurerm_lb.l thing_id");
        Assert.Equal("westeurope", estate.Find("azurerm_subnet.s")!.Region);
    }

    [Fact]
    public async Task Google_self_links_match_in_all_their_forms()
    {
        Estate estate = await State(
            ("google_compute_network", "n", """{"id":"projects/p/global/networks/n","self_link":"https://www.googleapis.com/compute/v1/projects/p/global/networks/n"}""", ""),
            ("google_compute_subnetwork", "s", """{"id":"projects/p/regions/us-central1/subnetworks/s","network":"https://compute.googleapis.com/compute/beta/projects/p/global/networks/n","region":"us-central1"}""", ""),
            ("google_compute_instance", "i", """{"id":"projects/p/zones/us-central1-a/instances/i","zone":"us-central1-a","network_interface":[{"subnetwork":"projects/p/regions/us-central1/subnetworks/s"}]}""", ""));
        AssertRelated(estate, "google_compute_subnetwork.s", "in google_compute_network.n network");
        AssertRelated(estate, "google_compute_instance.i", "in google_compute_subnetwork.s network_interface[0].subnetwork");
        Assert.Equal("us-central1", estate.Find("google_compute_instance.i")!.Region);
        Assert.Null(estate.Find("google_compute_network.n")!.Region);
    }

    [Fact]
    public async Task Arns_in_policy_texts_and_inside_other_arns_are_relations()
    {
        Estate estate = await State(
            ("aws_s3_bucket", "b", """{"id":"shop","bucket":"shop","arn":"arn:aws:s3:::shop"}""", ""),
            ("aws_lambda_function", "f", """{"id":"fn","arn":"arn:aws:lambda:us-east-1:1:function:fn"}""", ""),
            ("aws_iam_policy", "p", """{"id":"arn:aws:iam::1:policy/p","policy":"{\"Statement\":[{\"Resource\":[\"arn:aws:s3:::shop/*\",\"arn:aws:lambda:us-east-1:1:function:fn:*\"]}]}"}""", ""),
            ("aws_api_gateway_integration", "a", """{"id":"agi","uri":"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:fn/invocations"}""", ""));
        Assert.Contains(estate.Find("aws_iam_policy.p")!.Relations, static relation => relation.Target == "aws_s3_bucket.b" && relation.Evidence == "policy");
        Assert.Contains(estate.Find("aws_iam_policy.p")!.Relations, static relation => relation.Target == "aws_lambda_function.f");
        Assert.Contains(estate.Find("aws_api_gateway_integration.a")!.Relations, static relation => relation.Target == "aws_lambda_function.f");
        Assert.Equal("us-east-1", estate.Find("aws_lambda_function.f")!.Region);
    }

    [Fact]
    public async Task A_record_routes_to_what_has_its_name()
    {
        Estate estate = await State(
            ("aws_lb", "l", """{"id":"arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/l/1","dns_name":"l-1.eu-west-1.elb.amazonaws.com"}""", ""),
            ("aws_route53_record", "r", """{"id":"r","name":"shop.example","alias":[{"name":"dualstack.l-1.eu-west-1.elb.amazonaws.com."}]}""", ""));
        AssertRelated(estate, "aws_route53_record.r", "routes_to aws_lb.l alias[0].name");
    }

    [Fact]
    public async Task Short_words_that_happen_to_be_ids_are_no_relations()
    {
        Estate estate = await State(
            ("aws_iam_role", "r", """{"id":"web","name":"web"}""", ""),
            ("aws_vpc", "v", """{"id":"vpc-0a1b2c3d","tags":{"role":"web"},"description":"web"}""", ""));
        AssertRelated(estate, "aws_vpc.v");
    }

    [Fact]
    public async Task A_dependency_stays_only_where_nothing_better_leads_there()
    {
        Estate estate = await State(
            ("aws_vpc", "v", """{"id":"vpc-0a1b2c3d"}""", ""),
            ("aws_subnet", "s", """{"id":"subnet-0a1b2c3d","vpc_id":"vpc-0a1b2c3d"}""", "aws_vpc.v"),
            ("aws_iam_role", "r", """{"id":"worker"}""", ""),
            ("aws_instance", "i", """{"id":"i-0a1b2c3d","subnet_id":"subnet-0a1b2c3d"}""", "aws_vpc.v,aws_subnet.s,aws_iam_role.r,data.aws_ami.a"));
        AssertRelated(estate, "aws_instance.i", "in aws_subnet.s subnet_id", "depends_on aws_iam_role.r depends_on");
        AssertRelated(estate, "aws_subnet.s", "in aws_vpc.v vpc_id");
    }

    [Fact]
    public async Task A_plan_has_its_relations_from_the_configuration()
    {
        string path = _folder.Write("plan.json", """
            {"format_version":"1.2","variables":{"r":{"value":"eu-west-3"}},"planned_values":{"root_module":{
            "resources":[
              {"address":"aws_instance.i[0]","mode":"managed","type":"aws_instance","name":"i","index":0,"values":{"instance_type":"t3.micro"}},
              {"address":"aws_instance.i[1]","mode":"managed","type":"aws_instance","name":"i","index":1,"values":{"instance_type":"t3.micro"}},
              {"address":"aws_ebs_volume.d","mode":"managed","type":"aws_ebs_volume","name":"d","values":{"kms_key_id":null}},
              {"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","values":{}}],
            "child_modules":[{"address":"module.net","resources":[
              {"address":"module.net.aws_vpc.v","mode":"managed","type":"aws_vpc","name":"v","values":{}},
              {"address":"module.net.aws_subnet.s[0]","mode":"managed","type":"aws_subnet","name":"s","index":0,"values":{}},
              {"address":"module.net.aws_subnet.s[1]","mode":"managed","type":"aws_subnet","name":"s","index":1,"values":{}}]}]}},
            "resource_changes":[{"address":"aws_ebs_volume.d","change":{"after_unknown":{"id":true,"arn":true,"kms_key_id":true,"snapshot_id":true}}}],
            "configuration":{"provider_config":{"aws":{"expressions":{"region":{"references":["var.r"]}}}},"root_module":{
            "resources":[
              {"address":"aws_instance.i","provider_config_key":"aws","expressions":{"subnet_id":{"references":["module.net.subnets","module.net","count.index"]}},"depends_on":["aws_kms_key.k"]},
              {"address":"aws_ebs_volume.d","provider_config_key":"aws","expressions":{"kms_key_id":{"references":["aws_kms_key.k.arn","aws_kms_key.k"]}}},
              {"address":"aws_kms_key.k","provider_config_key":"aws","expressions":{}}],
            "module_calls":{"net":{"expressions":{},"module":{"outputs":{"subnets":{"expression":{"references":["aws_subnet.s"]}}},"resources":[
              {"address":"aws_vpc.v","expressions":{}},
              {"address":"aws_subnet.s","expressions":{"vpc_id":{"references":["aws_vpc.v.id","aws_vpc.v"]}}}]}}}}}}
            """);
        Estate estate = await EstateSource.ReadAsync([path]);
        AssertRelated(estate, "module.net.aws_subnet.s[1]", "in module.net.aws_vpc.v vpc_id");
        AssertRelated(estate, "aws_instance.i[0]", "in module.net.aws_subnet.s[0] subnet_id", "depends_on aws_kms_key.k depends_on");
        AssertRelated(estate, "aws_instance.i[1]", "in module.net.aws_subnet.s[1] subnet_id", "depends_on aws_kms_key.k depends_on");
        AssertRelated(estate, "aws_ebs_volume.d", "uses aws_kms_key.k kms_key_id");
        AttributeMap disk = estate.Find("aws_ebs_volume.d")!.Attributes;
        Assert.Equal("<known after apply>", disk["kms_key_id"].ToString());
        Assert.True(disk["snapshot_id"].IsNull);
        Assert.Equal("eu-west-3", estate.Find("aws_kms_key.k")!.Region);
    }

    [Fact]
    public async Task Unknown_types_stay_and_are_noted_once_each()
    {
        Estate estate = await State(
            ("aws_never_heard", "a", """{"id":"1","name":"n"}""", ""), ("aws_never_heard", "b", """{"id":"2"}""", ""), ("acme_thing", "c", "{}", ""));
        Assert.All(estate.Resources, static resource => Assert.Equal(ResourceKind.Unknown, resource.Kind));
        Assert.Equal(2, estate.Diagnostics.Count(static diagnostic => diagnostic.Code == CloudsErrors.UnknownType));
        Assert.Equal([Cloud.Other, Cloud.Aws, Cloud.Aws], estate.Resources.Select(static resource => resource.Cloud));
        Assert.Equal(["c", "n", "b"], estate.Resources.Select(static resource => resource.Name));
    }

    [Fact]
    public async Task Regions_come_from_zones_neighbours_and_what_most_have()
    {
        Estate estate = await State(
            ("aws_ebs_volume", "zone", """{"id":"vol-1","availability_zone":"us-west-2-lax-1a"}""", ""),
            ("aws_instance", "arn", """{"id":"i-1","arn":"arn:aws:ec2:eu-north-1:1:instance/i-1"}""", ""),
            ("aws_instance", "arn2", """{"id":"i-2","arn":"arn:aws:ec2:eu-north-1:1:instance/i-2"}""", ""),
            ("aws_sqs_queue", "most", """{"id":"q"}""", ""),
            ("aws_iam_role", "none", """{"id":"r"}""", ""));
        Assert.Equal("us-west-2", estate.Find("aws_ebs_volume.zone")!.Region);
        Assert.Equal("eu-north-1", estate.Find("aws_instance.arn")!.Region);
        Assert.Equal("eu-north-1", estate.Find("aws_sqs_queue.most")!.Region);
        Assert.Null(estate.Find("aws_iam_role.none")!.Region);
    }

    [Fact]
    public async Task Lists_of_settings_join_that_of_their_owner_and_hold_each_item_once()
    {
        Estate estate = await State(
            ("aws_vpc", "v", """{"id":"vpc-0a1b2c3d","cidr_block":"10.0.0.0/16"}""", ""),
            ("aws_vpc_ipv4_cidr_block_association", "a", """{"id":"a","vpc_id":"vpc-0a1b2c3d","cidr_block":"10.0.0.0/16"}""", ""),
            ("aws_vpc_ipv4_cidr_block_association", "b", """{"id":"b","vpc_id":"vpc-0a1b2c3d","cidr_block":"10.1.0.0/16"}""", ""));
        Assert.Equal(
            ["10.0.0.0/16", "10.1.0.0/16"], estate.Find("aws_vpc.v")!.Facts["cidrs"].AsList.Select(static cidr => cidr.AsText));
    }

    private async Task<Estate> State(params (string Type, string Name, string Attributes, string DependsOn)[] resources)
    {
        IEnumerable<string> entries = resources.Select(static resource =>
            $$"""
            {"mode":"managed","type":"{{resource.Type}}","name":"{{resource.Name}}","provider":"p","instances":[{"attributes":{{resource.Attributes}},
            "dependencies":[{{string.Join(',', resource.DependsOn.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static name => $"\"{name}\""))}}]}]}
            """);
        return await EstateSource.ReadAsync([_folder.Write("input.tfstate", $$"""{"version":4,"resources":[{{string.Join(',', entries)}}]}""")]);
    }

    private static void AssertRelated(Estate estate, string id, params string[] expected) =>
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            estate.Find(id)!.Relations.Select(static relation => $"{relation.Kind.Word()} {relation.Target} {relation.Evidence}").Order(StringComparer.Ordinal));
}
