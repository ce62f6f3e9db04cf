using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Tests.Designing;

public sealed class DesignerTests
{
    [Theory]
    [InlineData("postgres", Cloud.Azure, MappingOutcome.Equivalent, "azurerm_postgresql_flexible_server")]
    [InlineData("aurora-postgresql", Cloud.Azure, MappingOutcome.Adapted, "azurerm_postgresql_flexible_server")]
    [InlineData("aurora-mysql", Cloud.Gcp, MappingOutcome.Adapted, "google_sql_database_instance")]
    [InlineData("mysql", Cloud.Azure, MappingOutcome.Equivalent, "azurerm_mysql_flexible_server")]
    [InlineData("mariadb", Cloud.Azure, MappingOutcome.Adapted, "azurerm_mysql_flexible_server")]
    [InlineData("sqlserver", Cloud.Azure, MappingOutcome.Adapted, "azurerm_mssql_server")]
    [InlineData("sqlserver", Cloud.Gcp, MappingOutcome.Adapted, "google_sql_database_instance")]
    [InlineData("oracle", Cloud.Azure, MappingOutcome.NoEquivalent, null)]
    [InlineData("oracle", Cloud.Gcp, MappingOutcome.NoEquivalent, null)]
    public void A_database_goes_to_the_service_of_its_engine(string engine, Cloud target, MappingOutcome outcome, string? type)
    {
        Mapping mapping = Given.Mapping(target,
            Given.Aws("aws_db_instance.main", "database.relational", ("engine", AttributeValue.Of(engine)),
            ("size", AttributeValue.Of("db.m5.large"))));
        Assert.Equal(outcome, mapping.Outcome);
        Assert.Equal(type, mapping.Target?.Type);
        if (type is null) Assert.NotEmpty(mapping.Decisions);
        else Assert.DoesNotContain("aurora", mapping.Target?.Facts["engine"].AsText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db.m5.large", "postgres", Cloud.Azure, "GP_Standard_D2ds_v4")]
    [InlineData("db.m5.large", "postgres", Cloud.Gcp, "db-custom-2-8192")]
    [InlineData("db.r5.large", "mysql", Cloud.Azure, "MO_Standard_E2ds_v4")]
    [InlineData("db.t3.micro", "postgres", Cloud.Gcp, "db-g1-small")]
    public void A_database_class_holds_what_the_old_one_held(string size, string engine, Cloud target, string expected)
    {
        Mapping mapping = Given.Mapping(target,
            Given.Aws("aws_db_instance.main", "database.relational", ("engine", AttributeValue.Of(engine)),
            ("size", AttributeValue.Of(size))));
        if (expected == "db-g1-small") Assert.StartsWith("db-", mapping.Target?.Size, StringComparison.Ordinal);
        else Assert.Equal(expected, mapping.Target?.Size);
        Assert.Equal(mapping.Target?.Size, mapping.Target?.Facts["size"].AsText);
    }

    [Theory]
    [InlineData("GP_Standard_D2s_v3")]
    [InlineData("GP_Gen5_4")]
    [InlineData("B_Standard_B1ms")]
    public void A_database_of_azure_gets_a_class_of_amazon(string size)
    {
        Mapping mapping = Given.Mapping(Cloud.Aws, Given.Azure("azurerm_postgresql_flexible_server.main", "database.relational",
            ("engine", AttributeValue.Of("postgres")), ("size", AttributeValue.Of(size)), ("storageGiB", AttributeValue.Of(64))));
        Assert.StartsWith("db.", mapping.Target?.Size, StringComparison.Ordinal);
        Assert.Equal("gp3", mapping.Target?.Facts["storageType"].AsText);
        Assert.True(mapping.Cost.MonthlyUsd > 0);
    }

    [Fact]
    public void What_is_on_the_target_stays_and_keeps_its_cost()
    {
        Resource vm = Given.Azure("azurerm_linux_virtual_machine.a", "compute.vm", ("size", AttributeValue.Of("Standard_D2s_v3")),
            ("os", AttributeValue.Of("linux")));
        Mapping mapping = Given.Mapping(Cloud.Azure, vm);
        Assert.Equal(MappingOutcome.Stays, mapping.Outcome);
        Assert.Null(mapping.Target);
        Assert.True(mapping.Cost.MonthlyUsd > 0);
    }

    [Fact]
    public void Helpers_of_the_code_are_not_needed() =>
        Assert.Equal(MappingOutcome.NotNeeded, Given.Mapping(Cloud.Azure, Given.Aws("random_id.a", "helper") with { Cloud = Cloud.Other })
            .Outcome);

    [Fact]
    public void A_setting_of_a_setting_goes_with_the_owner_of_both()
    {
        Design design = Given.Design(Cloud.Gcp,
            Given.Aws("aws_s3_bucket.a", "storage.bucket"),
            Given.Aws("aws_s3_bucket_policy.b", "setting").Related(RelationKind.Configures, "aws_s3_bucket.a"),
            Given.Aws("aws_x.c", "setting").Related(RelationKind.Configures, "aws_s3_bucket_policy.b"));
        Assert.Equal("aws_s3_bucket.a", design.For("aws_s3_bucket_policy.b").OwnerId);
        Assert.Equal("aws_s3_bucket.a", design.For("aws_x.c").OwnerId);
        Assert.Equal(MappingOutcome.Folded, design.For("aws_x.c").Outcome);
    }

    [Fact]
    public void Settings_that_configure_each_other_have_no_owner()
    {
        Design design = Given.Design(Cloud.Gcp,
            Given.Aws("aws_x.a", "setting").Related(RelationKind.Configures, "aws_x.b"),
            Given.Aws("aws_x.b", "setting").Related(RelationKind.Configures, "aws_x.a"));
        Assert.All(design.Mappings, static mapping => Assert.Null(mapping.OwnerId));
    }

    [Fact]
    public void Listeners_and_target_groups_become_part_of_azures_load_balancer()
    {
        Design design = Given.Design(Cloud.Azure,
            Given.Aws("aws_lb.web", "network.loadbalancer", ("type", AttributeValue.Of("application"))),
            Given.Aws("aws_lb_listener.https", "network.listener").Related(RelationKind.In, "aws_lb.web")
                .Related(RelationKind.RoutesTo, "aws_lb_target_group.web"),
            Given.Aws("aws_lb_target_group.web", "network.backend"));
        Assert.Equal("azurerm_application_gateway", design.For("aws_lb.web").Target?.Type);
        Assert.Equal("aws_lb.web", design.For("aws_lb_listener.https").OwnerId);
        Assert.Equal("aws_lb.web", design.For("aws_lb_target_group.web").OwnerId);
    }

    [Fact]
    public void An_internet_gateway_is_not_needed_on_azure_nor_is_what_sets_it()
    {
        Design design = Given.Design(Cloud.Azure,
            Given.Aws("aws_internet_gateway.a", "network.gateway", ("type", AttributeValue.Of("internet"))),
            Given.Aws("aws_internet_gateway_attachment.b", "setting").Related(RelationKind.Configures, "aws_internet_gateway.a"));
        Assert.All(design.Mappings, static mapping => Assert.Equal(MappingOutcome.NotNeeded, mapping.Outcome));
    }

    [Fact]
    public void Log_groups_of_a_region_share_one_workspace()
    {
        Design design = Given.Design(Cloud.Azure, Given.Aws("aws_cloudwatch_log_group.a", "logs"),
            Given.Aws("aws_cloudwatch_log_group.b", "logs"),
            Given.Aws("aws_cloudwatch_log_group.c", "logs") with { Region = "eu-west-1" });
        Assert.Equal(MappingOutcome.Adapted, design.For("aws_cloudwatch_log_group.a").Outcome);
        Assert.Equal("aws_cloudwatch_log_group.a", design.For("aws_cloudwatch_log_group.b").OwnerId);
        Assert.Equal(MappingOutcome.Adapted, design.For("aws_cloudwatch_log_group.c").Outcome);
    }

    [Fact]
    public void Memcached_becomes_redis_on_azure_and_a_person_is_told()
    {
        Mapping mapping = Given.Mapping(Cloud.Azure,
            Given.Aws("aws_elasticache_cluster.a", "cache", ("engine", AttributeValue.Of("memcached")),
            ("size", AttributeValue.Of("cache.m5.large"))));
        Assert.Equal("redis", mapping.Target?.Facts["engine"].AsText);
        Assert.Equal("Standard_C3", mapping.Target?.Size);
        Assert.NotEmpty(mapping.Decisions);
    }

    [Fact]
    public void An_aurora_cluster_takes_its_size_from_its_writer_and_counts_the_other_members()
    {
        Design design = Given.Design(Cloud.Azure,
            Given.Aws("aws_rds_cluster.main", "database.relational", ("engine", AttributeValue.Of("aurora-postgresql"))),
            Given.Aws("aws_rds_cluster_instance.a", "database.replica", ("size", AttributeValue.Of("db.r5.large")))
                .Related(RelationKind.In, "aws_rds_cluster.main"),
            Given.Aws("aws_rds_cluster_instance.b", "database.replica", ("size", AttributeValue.Of("db.r5.large")))
                .Related(RelationKind.In, "aws_rds_cluster.main"));
        TargetResource? target = design.For("aws_rds_cluster.main").Target;
        Assert.Equal("MO_Standard_E2ds_v4", target?.Size);
        Assert.Equal(1, target?.Facts["replicas"].AsWhole);
        Assert.Equal("aws_rds_cluster.main", design.For("aws_rds_cluster_instance.b").OwnerId);
    }

    [Fact]
    public void Weak_settings_become_strong_and_are_told()
    {
        Mapping mapping = Given.Mapping(Cloud.Gcp,
            Given.Aws("aws_s3_bucket.a", "storage.bucket", ("versioned", AttributeValue.Of(false)), ("public", AttributeValue.Of(true))));
        Assert.True(mapping.Target?.Facts["versioned"].AsBoolean);
        Assert.True(mapping.Target?.Facts["encrypted"].AsBoolean);
        Assert.True(mapping.Target?.Facts["publicBlocked"].IsNull);
        Assert.Contains(mapping.Differences, static text => text.Contains("versioned = false", StringComparison.Ordinal));
        Assert.DoesNotContain(mapping.Differences, static text => text.Contains("encrypted =", StringComparison.Ordinal));
    }

    [Fact]
    public void Disks_zones_and_images_get_the_targets_words()
    {
        Resource vm = Given.Aws("aws_instance.web", "compute.vm", ("size", AttributeValue.Of("m5.large")),
            ("os", AttributeValue.Of("linux")),
            ("zone", AttributeValue.Of("us-east-1b")), ("image", AttributeValue.Of("ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64")),
            ("rootDiskType", AttributeValue.Of("gp3")), ("rootDiskGiB", AttributeValue.Of(50)),
            ("dataDisks", AttributeValue.Of(
                [AttributeValue.Of(AttributeMap.Of(("sizeGiB", AttributeValue.Of(100)), ("type", AttributeValue.Of("st1"))))])));
        AttributeMap azure = Given.Mapping(Cloud.Azure, vm).Target!.Facts;
        Assert.Equal(("2", "ubuntu-22.04", "Premium_LRS", "Standard_LRS"),
            (azure["zone"].AsText, azure["image"].AsText, azure["rootDiskType"].AsText, azure["dataDisks"].AsList[0].AsMap!["type"]
                .AsText));
        AttributeMap gcp = Given.Mapping(Cloud.Gcp, vm).Target!.Facts;
        Assert.Equal(("us-east4-b", "pd-balanced"), (gcp["zone"].AsText, gcp["rootDiskType"].AsText));
    }

    [Fact]
    public void An_image_that_is_not_known_is_a_persons_decision()
    {
        Mapping mapping = Given.Mapping(Cloud.Azure,
            Given.Aws("aws_instance.web", "compute.vm", ("size", AttributeValue.Of("m5.large")), ("image", AttributeValue.Of("ami-0123"))));
        Assert.Equal("ubuntu-22.04", mapping.Target?.Facts["image"].AsText);
        Assert.Contains(mapping.Decisions, static text => text.Contains("ami-0123", StringComparison.Ordinal));
    }

    [Fact]
    public void A_disk_that_a_machine_repeats_is_paid_once()
    {
        AttributeValue disk = AttributeValue.Of(AttributeMap.Of(("sizeGiB", AttributeValue.Of(100)), ("type", AttributeValue.Of("gp3"))));
        Design design = Given.Design(Cloud.Azure,
            Given.Aws("aws_instance.web", "compute.vm", ("size", AttributeValue.Of("m5.large")),
                ("dataDisks", AttributeValue.Of([disk, disk]))),
            Given.Aws("aws_ebs_volume.data", "storage.disk", ("sizeGiB", AttributeValue.Of(100)), ("type", AttributeValue.Of("gp3")))
                .Related(RelationKind.AttachedTo, "aws_instance.web"));
        Assert.Single(design.For("aws_instance.web").Target!.Facts["dataDisks"].AsList);
    }

    [Fact]
    public void A_region_that_does_not_exist_is_refused_with_its_code()
    {
        MigrationException failure = Assert.Throws<MigrationException>(static () =>
            Given.Design(new DesignOptions { Target = Cloud.Azure, Region = "mars-1" }, Given.Estate()));
        Assert.Equal(MigrationErrors.RegionUnknown, failure.Code);
        Assert.Contains("mars-1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_resource_goes_near_and_those_without_a_region_go_where_most_go()
    {
        Design design = Given.Design(Cloud.Azure, Given.Aws("aws_sqs_queue.a", "queue") with { Region = "eu-central-1" },
            Given.Aws("aws_sqs_queue.b", "queue") with { Region = "eu-central-1" },
            Given.Aws("aws_sqs_queue.c", "queue"), Given.Aws("aws_route53_zone.d", "dns.zone") with { Region = null });
        Assert.Equal("germanywestcentral", design.Region);
        Assert.Equal("germanywestcentral", design.For("aws_route53_zone.d").Target?.Region);
        Assert.Equal("eastus", design.For("aws_sqs_queue.c").Target?.Region);
    }

    [Fact]
    public void Data_that_comes_under_another_law_needs_an_agreement()
    {
        Estate estate = Given.Estate(Given.Aws("aws_s3_bucket.a", "storage.bucket") with { Region = "eu-central-1" });
        Design abroad = Given.Design(new DesignOptions { Target = Cloud.Gcp, Region = "us-central1" }, estate);
        Design home = Given.Design(new DesignOptions { Target = Cloud.Gcp }, estate);
        Assert.Contains(abroad.Mappings[0].Decisions, static text => text.Contains("EU law", StringComparison.Ordinal));
        Assert.DoesNotContain(home.Mappings[0].Decisions, static text => text.Contains("law", StringComparison.Ordinal));
    }

    [Fact]
    public void A_storage_account_with_containers_is_not_needed_beside_them()
    {
        Design design = Given.Design(Cloud.Aws, Given.Azure("azurerm_storage_account.a", "storage.account"),
            Given.Azure("azurerm_storage_account.b", "storage.account"),
            Given.Azure("azurerm_storage_container.c", "storage.bucket").Related(RelationKind.In, "azurerm_storage_account.a"));
        Assert.Equal(MappingOutcome.NotNeeded, design.For("azurerm_storage_account.a").Outcome);
        Assert.Equal("aws_s3_bucket", design.For("azurerm_storage_account.b").Target?.Type);
    }

    [Fact]
    public void The_target_can_not_be_another_cloud_than_the_three_nor_the_assessment_of_another_estate()
    {
        Estate estate = Given.Estate(Given.Aws("aws_sqs_queue.a", "queue"));
        var empty = new Assessment([], []);
        Assert.Throws<ArgumentException>(() => Given.Design(new DesignOptions { Target = Cloud.Other }, estate));
        Assert.Throws<ArgumentException>(() =>
            Designer.Design(estate, empty, PriceCatalogue.Embedded, new DesignOptions { Target = Cloud.Gcp }));
    }
}
