// SPDX-License-Identifier: Apache-2.0

/// Default quotas of an account that has asked for none, as AWS's service quotas pages list them.
enum QuotaTable {
    /// A line a quota: service, code, value, name.
    static let general = """
        ecr L-03A36CE1 10000 Images per repository
        ecr L-B9173138 1000 Rate of BatchCheckLayerAvailability requests
        ecr L-16E70933 2000 Rate of BatchGetImage requests
        ecr L-44194860 100 Rate of CompleteLayerUpload requests
        ecr L-55A41110 500 Rate of GetAuthorizationToken requests
        ecr L-A60A366D 3000 Rate of GetDownloadUrlForLayer requests
        ecr L-95B28F8D 100 Rate of InitiateLayerUpload requests
        ecr L-AD52DFB2 10 Rate of PutImage requests
        ecr L-A1670B10 500 Rate of UploadLayerPart requests
        ecr L-CFEB8E8D 10000 Registered repositories
        iam L-E95E4862 1500 Customer managed policies per account
        iam L-F4A5425F 300 Groups per account
        iam L-6E65F664 1000 Instance profiles per account
        iam L-0DA4ABF3 10 Managed policies per role
        iam L-4019AD8B 10 Managed policies per user
        iam L-C07B4B0D 2048 Role trust policy length
        iam L-FE177D64 1000 Roles per account
        iam L-BF35879D 20 Server certificates per account
        logs L-D2832119 10 CreateLogGroup throttle limit in transactions per second
        logs L-76507CEF 50 CreateLogStream throttle limit in transactions per second
        logs L-07A912D5 10 DeleteLogGroup throttle limit in transactions per second
        logs L-C029A21C 15 DeleteLogStream throttle limit in transactions per second
        logs L-4284EEDE 5 DescribeLogGroups throttle limit in transactions per second
        logs L-3F243AD0 25 DescribeLogStreams throttle limit in transactions per second
        logs L-C7B9AAAB 1000000 Log groups
        logs L-7E1FAE88 5000 PutLogEvents throttle limit in transactions per second
        monitoring L-C1FE0F5C 300 Canary limit
        monitoring L-DBD11BCC 100 Number of Contributor Insights rules
        monitoring L-E1914A5B 250 Number of SLOs per Region
        monitoring L-BD55890A 100 Number of SLOs per Service
        monitoring L-811EA4AA 5 Rate of BatchGetServiceLevelIndicatorReport requests
        monitoring L-09F09515 5 Rate of BatchGetServiceLevelObjectiveBudgetReport requests
        monitoring L-06DDA3C7 5 Rate of CreateServiceLevelObjective requests
        monitoring L-E1508405 10 Rate of DeleteDashboards requests
        monitoring L-0F4E28CA 10 Rate of DeleteMetricStream requests
        monitoring L-BE391708 5 Rate of DeleteServiceLevelObjective requests
        monitoring L-21CB40A4 9 Rate of DescribeAlarms requests
        monitoring L-C344EF56 5 Rate of EnableTopologyDiscovery requests
        monitoring L-E82C279D 10 Rate of GetDashboard requests
        monitoring L-1F0C4E0C 20 Rate of GetInsightRuleReport requests
        monitoring L-5E141212 50 Rate of GetMetricData requests
        monitoring L-EE839489 400 Rate of GetMetricStatistics requests
        monitoring L-59022E75 10 Rate of GetMetricStream requests
        monitoring L-6FCAAA2E 20 Rate of GetMetricWidgetImage requests
        monitoring L-C7E3E2C8 10 Rate of GetService requests
        monitoring L-2E33235C 5 Rate of GetServiceLevelObjective requests
        monitoring L-EE74D0A5 10 Rate of GetTopologyMap requests
        monitoring L-69C44FFD 10 Rate of ListDashboards requests
        monitoring L-A1710150 10 Rate of ListMetricStreams requests
        monitoring L-05D334F0 25 Rate of ListMetrics requests
        monitoring L-33D84392 5 Rate of ListServiceLevelObjectives requests
        monitoring L-F2BBFC0F 10 Rate of ListServices requests
        monitoring L-6753900D 10 Rate of PutDashboard requests
        monitoring L-0720E68F 3 Rate of PutMetricAlarm requests
        monitoring L-8BC498D4 500 Rate of PutMetricData requests
        monitoring L-A6D89949 10 Rate of PutMetricStream requests
        monitoring L-787E531D 10 Rate of StartMetricStreams requests
        monitoring L-A64F5500 10 Rate of StopMetricStreams requests
        monitoring L-223DF753 5 Rate of UpdateServiceLevelObjective requests
        s3 L-FAABEEBA 10000 Access Points
        s3 L-775A314D 10 Directory buckets
        s3 L-DC2B2D3D 100 General purpose buckets
        s3 L-1A9B467F 28 Replication Destinations
        s3 L-349AD9CA 1 Replication transfer rate
        sagemaker L-23A89612 10 Canvas Apps running on ml.m5.4xlarge instances
        sagemaker L-65D1CFE4 10 Canvas Apps running on system instances
        sagemaker L-33A961FD 432000 Longest run time for a training job
        sagemaker L-2CE978FC 20 Maximum number instances allowed per SageMaker HyperPod cluster
        sagemaker L-73C1B556 100 Maximum number of A2I flow definitions
        sagemaker L-3036C9CA 100 Maximum number of A2I human task UIs
        sagemaker L-C3E706F6 0 Maximum number of Ground Truth Streaming labeling jobs
        sagemaker L-150039CA 1 Maximum number of Ground Truth labeling jobs
        sagemaker L-BC8DC54C 250 Maximum number of SageMaker Model Package Groups allowed per account
        sagemaker L-9A82FBCA 10000 Maximum number of SageMaker Model Package allowed per account
        sagemaker L-DDDC1D15 250 Maximum number of SageMakerImage images allowed per account
        sagemaker L-8E5333B4 6 Maximum number of Studio spaces allowed per account
        sagemaker L-AC46C40F 2 Maximum number of Studio user profiles allowed per account
        sagemaker L-CFC2D5B6 1 Maximum number of concurrent AutoML Jobs
        sagemaker L-F88776CD 20 Maximum number of concurrent pipeline executions allowed per account
        sagemaker L-860ED60D 20 Maximum number of concurrently running model card export jobs allowed per account.
        sagemaker L-A9A47E0F 2 Maximum number of deployment plans that can be simultaneously created
        sagemaker L-384D4DB3 2 Maximum number of device-fleets
        sagemaker L-987E0769 400 Maximum number of devices
        sagemaker L-ED8DEE9B 4 Maximum number of instances per endpoint
        sagemaker L-DB62C864 20 Maximum number of instances per spot training job
        sagemaker L-622CFD70 20 Maximum number of instances per training job
        sagemaker L-EF24FBDB 100 Maximum number of model card versions allowed per account.
        sagemaker L-F0067944 2 Maximum number of parallel compilation jobs
        sagemaker L-9D69F80D 2 Maximum number of parallel edge-deployments
        sagemaker L-4C681076 2 Maximum number of parallel edge-packaging jobs
        sagemaker L-E8EADE50 500 Maximum number of pipelines allowed per account
        sagemaker L-4E39DDC4 40 Maximum number of running Studio apps allowed per account
        sagemaker L-99AD19BF 5 Maximum number of serverless endpoints
        sagemaker L-96300102 10 Maximum total concurrency that can be allocated across all serverless endpoints
        sagemaker L-07D0651D 0 Number of elastic inference accelerators across active endpoints
        sagemaker L-7A3DF611 4 Number of instances across active endpoints
        sagemaker L-F311B08F 4 Number of instances across all processing jobs
        sagemaker L-93958082 4 Number of instances across all spot training jobs
        sagemaker L-00C91CB5 4 Number of instances across all training jobs
        sagemaker L-60D2A6F0 4 Number of instances across all transform jobs
        sagemaker L-21962CDA 0 RSessionGateway Apps running on ml.c5.12xlarge instance
        sagemaker L-21552510 0 RSessionGateway Apps running on ml.c5.18xlarge instance
        sagemaker L-1271DF32 0 RSessionGateway Apps running on ml.c5.24xlarge instance
        sagemaker L-8B9D0385 1 RSessionGateway Apps running on ml.c5.2xlarge instance
        sagemaker L-8733EEBD 0 RSessionGateway Apps running on ml.c5.4xlarge instance
        sagemaker L-D205D3F0 0 RSessionGateway Apps running on ml.c5.9xlarge instance
        sagemaker L-6958265E 1 RSessionGateway Apps running on ml.c5.large instance
        sagemaker L-F3F4F82A 1 RSessionGateway Apps running on ml.c5.xlarge instance
        sagemaker L-5392B59D 0 RSessionGateway Apps running on ml.g4dn.12xlarge instance
        sagemaker L-144A2794 0 RSessionGateway Apps running on ml.g4dn.16xlarge instance
        sagemaker L-7FD92B01 0 RSessionGateway Apps running on ml.g4dn.2xlarge instance
        sagemaker L-A7B1AACC 0 RSessionGateway Apps running on ml.g4dn.4xlarge instance
        sagemaker L-A9165189 0 RSessionGateway Apps running on ml.g4dn.8xlarge instance
        sagemaker L-050981C0 0 RSessionGateway Apps running on ml.g4dn.xlarge instance
        sagemaker L-4FC1E99C 0 RSessionGateway Apps running on ml.m5.12xlarge instance
        sagemaker L-7B7E548F 0 RSessionGateway Apps running on ml.m5.16xlarge instance
        sagemaker L-B7EB1FFD 0 RSessionGateway Apps running on ml.m5.24xlarge instance
        sagemaker L-09249843 1 RSessionGateway Apps running on ml.m5.2xlarge instance
        sagemaker L-30ABD943 1 RSessionGateway Apps running on ml.m5.4xlarge instance
        sagemaker L-2BEE7665 0 RSessionGateway Apps running on ml.m5.8xlarge instance
        sagemaker L-BDDC56AF 1 RSessionGateway Apps running on ml.m5.large instance
        sagemaker L-8442D925 1 RSessionGateway Apps running on ml.m5.xlarge instance
        sagemaker L-7F2FEE7C 0 RSessionGateway Apps running on ml.m5d.12xlarge instance
        sagemaker L-8101A535 0 RSessionGateway Apps running on ml.m5d.16xlarge instance
        sagemaker L-00DAC655 0 RSessionGateway Apps running on ml.m5d.24xlarge instance
        sagemaker L-DCD9DBD1 1 RSessionGateway Apps running on ml.m5d.2xlarge instance
        sagemaker L-53138E1F 1 RSessionGateway Apps running on ml.m5d.4xlarge instance
        sagemaker L-2D4C4A2D 0 RSessionGateway Apps running on ml.m5d.8xlarge instance
        sagemaker L-B6744048 1 RSessionGateway Apps running on ml.m5d.large instance
        sagemaker L-A3C7A675 1 RSessionGateway Apps running on ml.m5d.xlarge instance
        sagemaker L-C5A57F3A 0 RSessionGateway Apps running on ml.p3.16xlarge instance
        sagemaker L-ADBE66E5 0 RSessionGateway Apps running on ml.p3.2xlarge instance
        sagemaker L-73887D5F 0 RSessionGateway Apps running on ml.p3.8xlarge instance
        sagemaker L-94B31A5D 0 RSessionGateway Apps running on ml.p3dn.24xlarge instance
        sagemaker L-DCCEDB7D 0 RSessionGateway Apps running on ml.p4d.24xlarge instance
        sagemaker L-1C84ABBF 0 RSessionGateway Apps running on ml.r5.12xlarge instance
        sagemaker L-2B2789AA 0 RSessionGateway Apps running on ml.r5.16xlarge instance
        sagemaker L-D2CAE1E9 0 RSessionGateway Apps running on ml.r5.24xlarge instance
        sagemaker L-751BCA3E 1 RSessionGateway Apps running on ml.r5.2xlarge instance
        sagemaker L-005C1A21 0 RSessionGateway Apps running on ml.r5.4xlarge instance
        sagemaker L-F49350C0 0 RSessionGateway Apps running on ml.r5.8xlarge instance
        sagemaker L-FEEC5811 1 RSessionGateway Apps running on ml.r5.large instance
        sagemaker L-C720D775 1 RSessionGateway Apps running on ml.r5.xlarge instance
        sagemaker L-4755F613 0 RSessionGateway Apps running on ml.t3.2xlarge instance
        sagemaker L-0FCBFBBD 0 RSessionGateway Apps running on ml.t3.large instance
        sagemaker L-7A45086A 2 RSessionGateway Apps running on ml.t3.medium instance
        sagemaker L-E127AD95 0 RSessionGateway Apps running on ml.t3.micro instance
        sagemaker L-E833CC8B 0 RSessionGateway Apps running on ml.t3.small instance
        sagemaker L-D7932DDD 0 RSessionGateway Apps running on ml.t3.xlarge instance
        sagemaker L-FEC35D99 0 RStudioServerPro Apps running on ml.c5.4xlarge instances
        sagemaker L-D9E59670 0 RStudioServerPro Apps running on ml.c5.9xlarge instances
        sagemaker L-B89C4B79 1 RStudioServerPro Apps running on system instances
        sagemaker L-73BEF3A2 5 SageMaker Profiler Apps running on system instances
        sagemaker L-C5A266EB 1024 Size of EBS volume for a training job instance
        sagemaker L-0A241A0D 0 Studio CodeEditor Apps running on ml.c5.12xlarge instances
        sagemaker L-52109CA8 0 Studio CodeEditor Apps running on ml.c5.18xlarge instances
        sagemaker L-04F55E28 0 Studio CodeEditor Apps running on ml.c5.24xlarge instances
        sagemaker L-D8CDAD21 1 Studio CodeEditor Apps running on ml.c5.2xlarge instances
        sagemaker L-34757F79 0 Studio CodeEditor Apps running on ml.c5.4xlarge instances
        sagemaker L-1B353A48 0 Studio CodeEditor Apps running on ml.c5.9xlarge instances
        sagemaker L-C623FF97 1 Studio CodeEditor Apps running on ml.c5.large instances
        sagemaker L-20DF4E8E 1 Studio CodeEditor Apps running on ml.c5.xlarge instances
        sagemaker L-9694914A 0 Studio CodeEditor Apps running on ml.g4dn.12xlarge instances
        sagemaker L-0FEC7BB1 0 Studio CodeEditor Apps running on ml.g4dn.16xlarge instances
        sagemaker L-EE75DBCF 0 Studio CodeEditor Apps running on ml.g4dn.2xlarge instances
        sagemaker L-A63CA0EB 0 Studio CodeEditor Apps running on ml.g4dn.4xlarge instances
        sagemaker L-FE7F1F85 0 Studio CodeEditor Apps running on ml.g4dn.8xlarge instances
        sagemaker L-98BFB21C 0 Studio CodeEditor Apps running on ml.g4dn.xlarge instances
        sagemaker L-55671A7C 0 Studio CodeEditor Apps running on ml.g5.12xlarge instances
        sagemaker L-E3646D22 0 Studio CodeEditor Apps running on ml.g5.16xlarge instances
        sagemaker L-DA7C9B9C 0 Studio CodeEditor Apps running on ml.g5.24xlarge instances
        sagemaker L-DF589F40 0 Studio CodeEditor Apps running on ml.g5.2xlarge instances
        sagemaker L-AA7135D4 0 Studio CodeEditor Apps running on ml.g5.48xlarge instances
        sagemaker L-F8AE8304 0 Studio CodeEditor Apps running on ml.g5.4xlarge instances
        sagemaker L-12798BAE 0 Studio CodeEditor Apps running on ml.g5.8xlarge instances
        sagemaker L-8C616CCB 0 Studio CodeEditor Apps running on ml.g5.xlarge instances
        sagemaker L-72C89816 0 Studio CodeEditor Apps running on ml.m5.12xlarge instances
        sagemaker L-9FB41A1C 0 Studio CodeEditor Apps running on ml.m5.16xlarge instances
        sagemaker L-26A7D02E 0 Studio CodeEditor Apps running on ml.m5.24xlarge instances
        sagemaker L-3D2A1F33 1 Studio CodeEditor Apps running on ml.m5.2xlarge instances
        sagemaker L-FDB47EBF 0 Studio CodeEditor Apps running on ml.m5.4xlarge instances
        sagemaker L-18C64902 0 Studio CodeEditor Apps running on ml.m5.8xlarge instances
        sagemaker L-A0B632ED 1 Studio CodeEditor Apps running on ml.m5.large instances
        sagemaker L-EEA21C8A 1 Studio CodeEditor Apps running on ml.m5.xlarge instances
        sagemaker L-D1E4F16E 0 Studio CodeEditor Apps running on ml.m5d.12xlarge instances
        sagemaker L-87958880 0 Studio CodeEditor Apps running on ml.m5d.16xlarge instances
        sagemaker L-D7ED8DED 0 Studio CodeEditor Apps running on ml.m5d.24xlarge instances
        sagemaker L-86177F8A 0 Studio CodeEditor Apps running on ml.m5d.2xlarge instances
        sagemaker L-A4529C29 0 Studio CodeEditor Apps running on ml.m5d.4xlarge instances
        sagemaker L-02134873 0 Studio CodeEditor Apps running on ml.m5d.8xlarge instances
        sagemaker L-BA8ED5F7 1 Studio CodeEditor Apps running on ml.m5d.large instances
        sagemaker L-A31DE840 1 Studio CodeEditor Apps running on ml.m5d.xlarge instances
        sagemaker L-09A41608 0 Studio CodeEditor Apps running on ml.p3.16xlarge instances
        sagemaker L-1356CD75 0 Studio CodeEditor Apps running on ml.p3.2xlarge instances
        sagemaker L-C4557679 0 Studio CodeEditor Apps running on ml.p3.8xlarge instances
        sagemaker L-6B83CDAF 0 Studio CodeEditor Apps running on ml.p3dn.24xlarge instances
        sagemaker L-2557FB75 0 Studio CodeEditor Apps running on ml.p4d.24xlarge instances
        sagemaker L-B9622553 0 Studio CodeEditor Apps running on ml.p4de.24xlarge instances
        sagemaker L-90D2ED40 0 Studio CodeEditor Apps running on ml.r5.12xlarge instances
        sagemaker L-17CC37BB 0 Studio CodeEditor Apps running on ml.r5.16xlarge instances
        sagemaker L-90ED9514 0 Studio CodeEditor Apps running on ml.r5.24xlarge instances
        sagemaker L-11D02DB4 0 Studio CodeEditor Apps running on ml.r5.2xlarge instances
        sagemaker L-1EC048AB 0 Studio CodeEditor Apps running on ml.r5.4xlarge instances
        sagemaker L-58132C71 0 Studio CodeEditor Apps running on ml.r5.8xlarge instances
        sagemaker L-E8EAF30E 1 Studio CodeEditor Apps running on ml.r5.large instances
        sagemaker L-33471349 1 Studio CodeEditor Apps running on ml.r5.xlarge instances
        sagemaker L-E5FD58AB 6 Studio CodeEditor Apps running on ml.t3.2xlarge instances
        sagemaker L-656A17FA 6 Studio CodeEditor Apps running on ml.t3.large instances
        sagemaker L-FCEDEAC6 6 Studio CodeEditor Apps running on ml.t3.medium instances
        sagemaker L-69AC3D57 6 Studio CodeEditor Apps running on ml.t3.xlarge instances
        sagemaker L-8276C21E 10 Studio Jupyter Apps running on system instances
        sagemaker L-BF6C9DF0 0 Studio JupyterLab Apps running on ml.c5.12xlarge instances
        sagemaker L-ABAC207F 0 Studio JupyterLab Apps running on ml.c5.18xlarge instances
        sagemaker L-98B8C60B 0 Studio JupyterLab Apps running on ml.c5.24xlarge instances
        sagemaker L-C1AE5754 1 Studio JupyterLab Apps running on ml.c5.2xlarge instances
        sagemaker L-C0592240 0 Studio JupyterLab Apps running on ml.c5.4xlarge instances
        sagemaker L-8DE26E59 0 Studio JupyterLab Apps running on ml.c5.9xlarge instances
        sagemaker L-A6419EF6 1 Studio JupyterLab Apps running on ml.c5.large instances
        sagemaker L-BD09952F 1 Studio JupyterLab Apps running on ml.c5.xlarge instances
        sagemaker L-E3DFC4E9 0 Studio JupyterLab Apps running on ml.g4dn.12xlarge instances
        sagemaker L-5DB40C3B 0 Studio JupyterLab Apps running on ml.g4dn.16xlarge instances
        sagemaker L-138F29A9 0 Studio JupyterLab Apps running on ml.g4dn.2xlarge instances
        sagemaker L-0DB30DD8 0 Studio JupyterLab Apps running on ml.g4dn.4xlarge instances
        sagemaker L-F59A72DA 0 Studio JupyterLab Apps running on ml.g4dn.8xlarge instances
        sagemaker L-39F81BFB 0 Studio JupyterLab Apps running on ml.g4dn.xlarge instances
        sagemaker L-8D2ED7BF 0 Studio JupyterLab Apps running on ml.g5.12xlarge instances
        sagemaker L-1B49FD35 0 Studio JupyterLab Apps running on ml.g5.16xlarge instances
        sagemaker L-F087CCFC 0 Studio JupyterLab Apps running on ml.g5.24xlarge instances
        sagemaker L-F73C7DB9 0 Studio JupyterLab Apps running on ml.g5.2xlarge instances
        sagemaker L-83AB5D73 0 Studio JupyterLab Apps running on ml.g5.48xlarge instances
        sagemaker L-81940D85 0 Studio JupyterLab Apps running on ml.g5.4xlarge instances
        sagemaker L-19B6BAFC 0 Studio JupyterLab Apps running on ml.g5.8xlarge instances
        sagemaker L-988CE6C5 0 Studio JupyterLab Apps running on ml.g5.xlarge instances
        sagemaker L-0E2A8BBF 0 Studio JupyterLab Apps running on ml.m5.12xlarge instances
        sagemaker L-53505EA6 0 Studio JupyterLab Apps running on ml.m5.16xlarge instances
        sagemaker L-823F5794 0 Studio JupyterLab Apps running on ml.m5.24xlarge instances
        sagemaker L-7C9662F1 1 Studio JupyterLab Apps running on ml.m5.2xlarge instances
        sagemaker L-2CA31BFA 0 Studio JupyterLab Apps running on ml.m5.4xlarge instances
        sagemaker L-D6EBD1A9 0 Studio JupyterLab Apps running on ml.m5.8xlarge instances
        sagemaker L-3BDCD216 1 Studio JupyterLab Apps running on ml.m5.large instances
        sagemaker L-77B8159A 1 Studio JupyterLab Apps running on ml.m5.xlarge instances
        sagemaker L-EE718475 0 Studio JupyterLab Apps running on ml.m5d.12xlarge instances
        sagemaker L-04421A63 0 Studio JupyterLab Apps running on ml.m5d.16xlarge instances
        sagemaker L-EC686150 0 Studio JupyterLab Apps running on ml.m5d.24xlarge instances
        sagemaker L-88244E2D 0 Studio JupyterLab Apps running on ml.m5d.2xlarge instances
        sagemaker L-30B99A16 0 Studio JupyterLab Apps running on ml.m5d.4xlarge instances
        sagemaker L-3EF45BE2 0 Studio JupyterLab Apps running on ml.m5d.8xlarge instances
        sagemaker L-588F9D8D 1 Studio JupyterLab Apps running on ml.m5d.large instances
        sagemaker L-9CE6464D 1 Studio JupyterLab Apps running on ml.m5d.xlarge instances
        sagemaker L-D531C9E1 0 Studio JupyterLab Apps running on ml.p3.16xlarge instances
        sagemaker L-199FCA12 0 Studio JupyterLab Apps running on ml.p3.2xlarge instances
        sagemaker L-D7D29FB6 0 Studio JupyterLab Apps running on ml.p3.8xlarge instances
        sagemaker L-CC49F990 0 Studio JupyterLab Apps running on ml.p3dn.24xlarge instances
        sagemaker L-AD63F1D2 0 Studio JupyterLab Apps running on ml.p4d.24xlarge instances
        sagemaker L-F6003AEB 0 Studio JupyterLab Apps running on ml.p4de.24xlarge instances
        sagemaker L-7ACB52C8 0 Studio JupyterLab Apps running on ml.r5.12xlarge instances
        sagemaker L-15ECE899 0 Studio JupyterLab Apps running on ml.r5.16xlarge instances
        sagemaker L-E157C95B 0 Studio JupyterLab Apps running on ml.r5.24xlarge instances
        sagemaker L-EF33F9B9 0 Studio JupyterLab Apps running on ml.r5.2xlarge instances
        sagemaker L-391B02C7 0 Studio JupyterLab Apps running on ml.r5.4xlarge instances
        sagemaker L-FF40225D 0 Studio JupyterLab Apps running on ml.r5.8xlarge instances
        sagemaker L-FC2BE3FC 1 Studio JupyterLab Apps running on ml.r5.large instances
        sagemaker L-8A9BC23B 1 Studio JupyterLab Apps running on ml.r5.xlarge instances
        sagemaker L-B039EA8F 6 Studio JupyterLab Apps running on ml.t3.2xlarge instances
        sagemaker L-2733D4D5 6 Studio JupyterLab Apps running on ml.t3.large instances
        sagemaker L-71FAF417 6 Studio JupyterLab Apps running on ml.t3.medium instances
        sagemaker L-61F9C762 6 Studio JupyterLab Apps running on ml.t3.xlarge instances
        sagemaker L-C47C8B74 0 Studio KernelGateway Apps running on ml.c5.12xlarge instance
        sagemaker L-A4519BF1 0 Studio KernelGateway Apps running on ml.c5.18xlarge instance
        sagemaker L-CBCD290E 0 Studio KernelGateway Apps running on ml.c5.24xlarge instance
        sagemaker L-A56EEC3D 1 Studio KernelGateway Apps running on ml.c5.2xlarge instance
        sagemaker L-6C5791AF 0 Studio KernelGateway Apps running on ml.c5.4xlarge instance
        sagemaker L-9F2E8F67 0 Studio KernelGateway Apps running on ml.c5.9xlarge instance
        sagemaker L-1476E09A 1 Studio KernelGateway Apps running on ml.c5.large instance
        sagemaker L-F2F8BB60 1 Studio KernelGateway Apps running on ml.c5.xlarge instance
        sagemaker L-09D3DD58 0 Studio KernelGateway Apps running on ml.g4dn.12xlarge instance
        sagemaker L-D9B45548 0 Studio KernelGateway Apps running on ml.g4dn.16xlarge instance
        sagemaker L-E5775070 0 Studio KernelGateway Apps running on ml.g4dn.2xlarge instance
        sagemaker L-0E846ECD 0 Studio KernelGateway Apps running on ml.g4dn.4xlarge instance
        sagemaker L-D267F635 0 Studio KernelGateway Apps running on ml.g4dn.8xlarge instance
        sagemaker L-F3C955A3 0 Studio KernelGateway Apps running on ml.g4dn.xlarge instance
        sagemaker L-037F309A 0 Studio KernelGateway Apps running on ml.g5.12xlarge instance
        sagemaker L-E66E2C21 0 Studio KernelGateway Apps running on ml.g5.16xlarge instance
        sagemaker L-9D9F9978 0 Studio KernelGateway Apps running on ml.g5.24xlarge instance
        sagemaker L-4918D123 0 Studio KernelGateway Apps running on ml.g5.2xlarge instance
        sagemaker L-94E271A3 0 Studio KernelGateway Apps running on ml.g5.48xlarge instance
        sagemaker L-DCE2AE7E 0 Studio KernelGateway Apps running on ml.g5.4xlarge instance
        sagemaker L-76D497CD 0 Studio KernelGateway Apps running on ml.g5.8xlarge instance
        sagemaker L-60470224 0 Studio KernelGateway Apps running on ml.g5.xlarge instance
        sagemaker L-9772863B 0 Studio KernelGateway Apps running on ml.m5.12xlarge instance
        sagemaker L-7E95878B 0 Studio KernelGateway Apps running on ml.m5.16xlarge instance
        sagemaker L-1DA9A185 0 Studio KernelGateway Apps running on ml.m5.24xlarge instance
        sagemaker L-D4D7435A 1 Studio KernelGateway Apps running on ml.m5.2xlarge instance
        sagemaker L-0132CA88 1 Studio KernelGateway Apps running on ml.m5.4xlarge instance
        sagemaker L-19734703 0 Studio KernelGateway Apps running on ml.m5.8xlarge instance
        sagemaker L-22BC3627 1 Studio KernelGateway Apps running on ml.m5.large instance
        sagemaker L-CD017EBE 1 Studio KernelGateway Apps running on ml.m5.xlarge instance
        sagemaker L-BCDEC7B7 0 Studio KernelGateway Apps running on ml.m5d.12xlarge instance
        sagemaker L-4F2BEC71 0 Studio KernelGateway Apps running on ml.m5d.16xlarge instance
        sagemaker L-F43A1825 0 Studio KernelGateway Apps running on ml.m5d.24xlarge instance
        sagemaker L-4A8D754D 1 Studio KernelGateway Apps running on ml.m5d.2xlarge instance
        sagemaker L-9F3B1F91 1 Studio KernelGateway Apps running on ml.m5d.4xlarge instance
        sagemaker L-019DC79D 0 Studio KernelGateway Apps running on ml.m5d.8xlarge instance
        sagemaker L-32F895F6 1 Studio KernelGateway Apps running on ml.m5d.large instance
        sagemaker L-669A1EF3 0 Studio KernelGateway Apps running on ml.m5d.xlarge instance
        sagemaker L-0DADC663 0 Studio KernelGateway Apps running on ml.p3.16xlarge instance
        sagemaker L-9D41067A 0 Studio KernelGateway Apps running on ml.p3.2xlarge instance
        sagemaker L-D12B1AA4 0 Studio KernelGateway Apps running on ml.p3.8xlarge instance
        sagemaker L-1CF85412 0 Studio KernelGateway Apps running on ml.p3dn.24xlarge instance
        sagemaker L-9760E62B 0 Studio KernelGateway Apps running on ml.p4d.24xlarge instances
        sagemaker L-9C7D809E 0 Studio KernelGateway Apps running on ml.p4de.24xlarge instances
        sagemaker L-EF2BF7DC 0 Studio KernelGateway Apps running on ml.r5.12xlarge instance
        sagemaker L-2524EF35 0 Studio KernelGateway Apps running on ml.r5.16xlarge instance
        sagemaker L-7FFAF4CB 0 Studio KernelGateway Apps running on ml.r5.24xlarge instance
        sagemaker L-1747114E 1 Studio KernelGateway Apps running on ml.r5.2xlarge instance
        sagemaker L-D5D3B1E5 1 Studio KernelGateway Apps running on ml.r5.4xlarge instance
        sagemaker L-8536F2DB 0 Studio KernelGateway Apps running on ml.r5.8xlarge instance
        sagemaker L-59F3BE31 1 Studio KernelGateway Apps running on ml.r5.large instance
        sagemaker L-CC73B658 1 Studio KernelGateway Apps running on ml.r5.xlarge instance
        sagemaker L-5AF0D27D 0 Studio KernelGateway Apps running on ml.t3.2xlarge instance
        sagemaker L-8BD17C20 0 Studio KernelGateway Apps running on ml.t3.large instance
        sagemaker L-EAC6F82B 2 Studio KernelGateway Apps running on ml.t3.medium instance
        sagemaker L-3A44AF4B 0 Studio KernelGateway Apps running on ml.t3.xlarge instance
        sagemaker L-97623E1D 0 Studio KernelGateway Apps running on ml.trn1.2xlarge instances
        sagemaker L-433C561A 0 Studio KernelGateway Apps running on ml.trn1.32xlarge instances
        sagemaker L-35BBB2E3 0 Studio KernelGateway Apps running on ml.trn1n.32xlarge instances
        sagemaker L-6F947DE5 10 TensorBoard Apps running on system instances
        sagemaker L-A37B67B0 500 Total EBS volume size in GB across all Studio Spaces
        sagemaker L-B683BCB0 2 Total domains
        sagemaker L-3308CCC7 0 Total number of instances allowed across SageMaker HyperPod clusters
        sagemaker L-04CE2E67 8 Total number of notebook instances
        """

    /// The names of those among them that something is refused for.
    static let enforced: Set<String> = [
        "Registered repositories", "Customer managed policies per account", "Groups per account", "Instance profiles per account",
        "Managed policies per role", "Managed policies per user", "Role trust policy length", "Roles per account",
        "Server certificates per account", "General purpose buckets", "Longest run time for a training job",
        "Maximum number of A2I flow definitions", "Maximum number of A2I human task UIs",
        "Maximum number of Ground Truth labeling jobs",
        "Maximum number of SageMaker Model Package Groups allowed per account",
        "Maximum number of SageMakerImage images allowed per account", "Maximum number of Studio spaces allowed per account",
        "Maximum number of Studio user profiles allowed per account", "Maximum number of concurrent AutoML Jobs",
        "Maximum number of device-fleets", "Maximum number of instances per endpoint",
        "Maximum number of instances per spot training job", "Maximum number of instances per training job",
        "Maximum number of parallel compilation jobs", "Maximum number of parallel edge-packaging jobs",
        "Maximum number of pipelines allowed per account", "Maximum number of running Studio apps allowed per account",
        "Maximum number of serverless endpoints",
        "Maximum total concurrency that can be allocated across all serverless endpoints",
        "Number of instances across active endpoints", "Number of instances across all processing jobs",
        "Number of instances across all spot training jobs", "Number of instances across all training jobs",
        "Number of instances across all transform jobs", "Size of EBS volume for a training job instance", "Total domains",
        "Total number of notebook instances",
    ]

    /// A line a use of instances: `use of a thing`, then `type=code:value`, types without their `ml.`, codes without their `L-`.
    static let instances = #"""
        training job usage|c4.2xlarge=C5B4EE09:0 c4.4xlarge=505634D0:0 c4.8xlarge=6BE85179:0 c4.xlarge=85D4BAF3:0 \#
        c5.18xlarge=81482A8C:0 c5.2xlarge=49679826:0 c5.4xlarge=E7898792:0 c5.9xlarge=2BE095E2:0 c5.xlarge=E2BB44FE:0 \#
        c5n.18xlarge=A1E21094:0 c5n.2xlarge=D04B88E2:0 c5n.4xlarge=E215EF33:0 c5n.9xlarge=D0327E29:0 c5n.xlarge=04CD765C:0 \#
        c6i.12xlarge=81AF96F3:0 c6i.16xlarge=090C5671:0 c6i.24xlarge=DE22CE7F:0 c6i.2xlarge=536D2DD2:0 c6i.32xlarge=D8FA228C:0 \#
        c6i.4xlarge=4A20E33E:0 c6i.8xlarge=845DE61C:0 c6i.xlarge=D526E050:0 g4dn.12xlarge=7BD2C9FA:0 g4dn.16xlarge=57998C77:0 \#
        g4dn.2xlarge=C2495BC4:0 g4dn.4xlarge=2908B1E9:0 g4dn.8xlarge=3118B7E1:0 g4dn.xlarge=3F53BF0F:0 g5.12xlarge=C6383286:0 \#
        g5.16xlarge=9FAC65F7:0 g5.24xlarge=ED7BD217:0 g5.2xlarge=2D6DEB3C:0 g5.48xlarge=6BC98A55:0 g5.4xlarge=FE869B40:0 \#
        g5.8xlarge=43F5FC95:0 g5.xlarge=B6D80D9C:0 m4.10xlarge=D35E48B2:0 m4.16xlarge=D7CE983F:0 m4.2xlarge=D589112D:0 \#
        m4.4xlarge=E60A61DF:0 m4.xlarge=A373146E:0 m5.12xlarge=6F6C8949:0 m5.24xlarge=56C564CA:0 m5.2xlarge=AD0A282D:0 \#
        m5.4xlarge=AFB011B4:0 m5.large=611FA074:0 m5.xlarge=CCE2AFA6:0 m6i.12xlarge=8716E6AE:0 m6i.16xlarge=7412F8CF:0 \#
        m6i.24xlarge=9778E614:0 m6i.2xlarge=AE3447AD:0 m6i.32xlarge=6F01766F:0 m6i.4xlarge=AE93C70E:0 m6i.8xlarge=964887D9:0 \#
        m6i.large=514B50A3:0 m6i.xlarge=3A218EBD:0 p2.16xlarge=7FC32A75:0 p2.8xlarge=33BA8B57:0 p2.xlarge=5585E645:0 \#
        p3.16xlarge=A99E0304:0 p3.2xlarge=D438008E:0 p3.8xlarge=558F1246:0 p3dn.24xlarge=8DCA2E97:0 p4d.24xlarge=09B4A649:0 \#
        p5.48xlarge=82E1C851:0 trn1.2xlarge=74F2FC79:0 trn1.32xlarge=79A1FE57:0 trn1n.32xlarge=BFB9CF17:0
        spot training job usage|c4.2xlarge=978CD7EC:4 c4.4xlarge=C087612A:0 c4.8xlarge=C5B2C408:0 c4.xlarge=9BA5373F:4 \#
        c5.18xlarge=239B242B:0 c5.2xlarge=4581C083:4 c5.4xlarge=36C5FA8E:1 c5.9xlarge=A2512F8F:0 c5.xlarge=6FA0D387:4 \#
        c5n.18xlarge=266C4F52:0 c5n.2xlarge=C1E6B202:0 c5n.4xlarge=37059D02:0 c5n.9xlarge=D144443B:0 c5n.xlarge=DD508305:0 \#
        c6i.12xlarge=DD42D93D:0 c6i.16xlarge=0C0D9F82:0 c6i.24xlarge=1B7024B2:0 c6i.2xlarge=8BB74069:0 c6i.32xlarge=B9D177E1:0 \#
        c6i.4xlarge=017831D5:0 c6i.8xlarge=6DA79B36:0 c6i.xlarge=6074B0D4:0 g4dn.12xlarge=199558F0:0 g4dn.16xlarge=AD4C1352:0 \#
        g4dn.2xlarge=0496610F:0 g4dn.4xlarge=246C5638:0 g4dn.8xlarge=15F329FB:0 g4dn.xlarge=944F78BB:0 g5.12xlarge=03E19172:0 \#
        g5.16xlarge=E3DCB664:0 g5.24xlarge=8345B953:0 g5.2xlarge=CAEE7DB7:0 g5.48xlarge=C87FF004:0 g5.4xlarge=DB4D51CF:0 \#
        g5.8xlarge=DD18D5D6:0 g5.xlarge=DE07CBDF:0 m4.10xlarge=C17B05C4:0 m4.16xlarge=A50827DD:0 m4.2xlarge=FE159C34:4 \#
        m4.4xlarge=D7D166A0:2 m4.xlarge=2ECAA15F:4 m5.12xlarge=29B03627:0 m5.24xlarge=D0EA3DC8:0 m5.2xlarge=4A823FAB:4 \#
        m5.4xlarge=2A6ACFF7:2 m5.large=29688C85:4 m5.xlarge=4CEE6BA6:4 m6i.12xlarge=EF089D40:0 m6i.16xlarge=614CBE09:0 \#
        m6i.24xlarge=24B0ADC0:0 m6i.2xlarge=39DC8B41:0 m6i.32xlarge=843BE5AB:0 m6i.4xlarge=59C3957D:0 m6i.8xlarge=7B628106:0 \#
        m6i.large=7E503C5F:0 m6i.xlarge=3597CD5B:0 p2.16xlarge=2E99C6D1:0 p2.8xlarge=ACF1D2B2:0 p2.xlarge=21545BA5:0 \#
        p3.16xlarge=D58A90BB:0 p3.2xlarge=2D4C6493:0 p3.8xlarge=0201B959:0 p3dn.24xlarge=477D3300:0 p4d.24xlarge=09D56C4F:0 \#
        p5.48xlarge=82733FAD:0 trn1.2xlarge=AA22B8B9:0 trn1.32xlarge=F594DE31:0 trn1n.32xlarge=068DB6B3:0
        training warm pool usage|c4.2xlarge=72EF9D60:0 c4.4xlarge=FBB7E9CB:0 c4.8xlarge=8B308035:0 c4.xlarge=1DA286AA:0 \#
        c5.18xlarge=C8044861:0 c5.2xlarge=0D58D77C:0 c5.4xlarge=7BDD9EA3:0 c5.9xlarge=ABFCF5A2:0 c5.xlarge=F978BE20:0 \#
        c5n.18xlarge=566A905C:0 c5n.2xlarge=2952557B:0 c5n.4xlarge=4A423436:0 c5n.9xlarge=FDD19E2A:0 c5n.xlarge=8A72B806:0 \#
        c6i.12xlarge=51467CBD:0 c6i.16xlarge=5D454ED8:0 c6i.24xlarge=CF4F44AD:0 c6i.2xlarge=C1971434:0 c6i.32xlarge=7B64C2AB:0 \#
        c6i.4xlarge=2B1E88AF:0 c6i.8xlarge=F361CE98:0 c6i.xlarge=75B2C685:0 g4dn.12xlarge=CB4A3655:0 g4dn.16xlarge=C960C80D:0 \#
        g4dn.2xlarge=C35F807B:0 g4dn.4xlarge=3408A20D:0 g4dn.8xlarge=769E114F:0 g4dn.xlarge=955074FD:0 g5.12xlarge=29508C65:0 \#
        g5.16xlarge=F6B8A3A3:0 g5.24xlarge=6F46EF71:0 g5.2xlarge=822C5A39:0 g5.48xlarge=7D217E5D:0 g5.4xlarge=88E48241:0 \#
        g5.8xlarge=40E8018C:0 g5.xlarge=8E6F4665:0 m4.10xlarge=1BF9151C:0 m4.16xlarge=F4F08D88:0 m4.2xlarge=E312D77E:0 \#
        m4.4xlarge=CF81ED81:0 m4.xlarge=AFEEB9EB:0 m5.12xlarge=34594662:0 m5.24xlarge=B21D8B36:0 m5.2xlarge=1686EE8B:0 \#
        m5.4xlarge=03767DF9:0 m5.large=2DD73636:0 m5.xlarge=0BEF44E8:0 m6i.12xlarge=4FC79063:0 m6i.16xlarge=8C9D5748:0 \#
        m6i.24xlarge=2C080D31:0 m6i.2xlarge=D1BB9472:0 m6i.32xlarge=699A2417:0 m6i.4xlarge=F1B1085A:0 m6i.8xlarge=52A56414:0 \#
        m6i.large=9D578B5E:0 m6i.xlarge=CD3B6B80:0 p2.16xlarge=2D3D338A:0 p2.8xlarge=59DEBE1F:0 p2.xlarge=6C5BAAA9:0 \#
        p3.16xlarge=763CF8E3:0 p3.2xlarge=E3709F6E:0 p3.8xlarge=5CA5BEE6:0 p3dn.24xlarge=D27958C4:0 p4d.24xlarge=A8827666:0 \#
        p5.48xlarge=5D321F81:0 trn1.2xlarge=AA6A4B7A:0 trn1.32xlarge=36F422F7:0 trn1n.32xlarge=9037D736:0
        processing job usage|c4.2xlarge=50AA109F:0 c4.4xlarge=6F6C723E:0 c4.8xlarge=58B96098:0 c4.xlarge=2BAB231B:0 \#
        c5.18xlarge=2D8CD70A:0 c5.2xlarge=C1EBA9C5:0 c5.4xlarge=EFB2F063:0 c5.9xlarge=945D1F1D:0 c5.xlarge=486519E6:0 \#
        g4dn.12xlarge=6C7C4F4E:0 g4dn.16xlarge=47F095C9:0 g4dn.2xlarge=41C11899:0 g4dn.4xlarge=B1C4D018:0 g4dn.8xlarge=9C72BEE2:0 \#
        g4dn.xlarge=2F1EB012:0 m4.10xlarge=BB72E7FA:0 m4.16xlarge=ED93A43F:0 m4.2xlarge=0309C694:0 m4.4xlarge=B3FC00CD:0 \#
        m4.xlarge=F97C6864:0 m5.12xlarge=BC1C7D38:0 m5.24xlarge=E2E903C6:0 m5.2xlarge=1D84B9D2:0 m5.4xlarge=379E85A3:0 \#
        m5.large=8541302D:0 m5.xlarge=0307F515:0 p2.16xlarge=756F8AFB:0 p2.8xlarge=CA14F686:0 p2.xlarge=61E3D6FC:0 \#
        p3.16xlarge=C5621FC4:0 p3.2xlarge=0323EDB4:0 p3.8xlarge=23EDF20C:0 r5.12xlarge=20546400:0 r5.16xlarge=06A1E8BB:0 \#
        r5.24xlarge=A28AF48F:0 r5.2xlarge=F0132B48:0 r5.4xlarge=E4F6EF77:0 r5.8xlarge=154D0022:0 r5.large=43562353:0 \#
        r5.xlarge=B2D8E643:0 t3.2xlarge=1E2072C0:0 t3.large=C076FA77:4 t3.medium=0CE343FE:4 t3.xlarge=DABA7ED5:2
        endpoint usage|c4.2xlarge=54106F23:0 c4.4xlarge=605A110B:0 c4.8xlarge=DF052B7B:0 c4.large=6DF60D19:0 c4.xlarge=F8C60E1D:0 \#
        c5.12xlarge=DD50A8E1:0 c5.18xlarge=409A03CD:0 c5.24xlarge=B5714749:0 c5.2xlarge=E091038E:0 c5.4xlarge=FEF755D6:0 \#
        c5.9xlarge=C15ACFF4:0 c5.large=4D27DFDD:0 c5.xlarge=E9EE5599:0 c5d.18xlarge=6A6E4B44:0 c5d.2xlarge=529E971B:0 \#
        c5d.4xlarge=A06D6E01:0 c5d.9xlarge=50755EC1:0 c5d.large=919688C1:0 c5d.xlarge=F30D287E:0 c5n.18xlarge=14AB3D09:0 \#
        c5n.2xlarge=DDF361A9:0 c5n.4xlarge=2693C7B9:0 c5n.9xlarge=124679C5:0 c5n.large=0F4F99A1:0 c5n.xlarge=B3A1B2F7:0 \#
        c6g.12xlarge=35E5433E:0 c6g.16xlarge=60986E7E:0 c6g.2xlarge=B87A968D:0 c6g.4xlarge=4C2FABCC:0 c6g.8xlarge=6D865216:0 \#
        c6g.large=4E81EEAC:0 c6g.xlarge=525AAB0A:0 c6gd.12xlarge=CCE6D1FE:0 c6gd.16xlarge=018036DB:0 c6gd.2xlarge=FD9E9507:0 \#
        c6gd.4xlarge=C4B5BAD2:0 c6gd.8xlarge=4027057F:0 c6gd.large=C10DAD58:0 c6gd.xlarge=EDFF07E7:0 c6gn.12xlarge=78B3DA25:0 \#
        c6gn.16xlarge=E9BB87E2:0 c6gn.2xlarge=5F238DF4:0 c6gn.4xlarge=DA37C575:0 c6gn.8xlarge=DB5B82A8:0 c6gn.large=941884ED:0 \#
        c6gn.xlarge=754870FD:0 c6i.12xlarge=2AD0234B:0 c6i.16xlarge=FE72E327:0 c6i.24xlarge=9A32E51C:0 c6i.2xlarge=4FDB33AC:0 \#
        c6i.32xlarge=769D172E:0 c6i.4xlarge=B5612E02:0 c6i.8xlarge=18904FF8:0 c6i.large=3C2EBC55:0 c6i.xlarge=28FF72CA:0 \#
        c7g.12xlarge=57850F1B:0 c7g.16xlarge=A7E8B111:0 c7g.2xlarge=85DBDADC:0 c7g.4xlarge=52FB7989:0 c7g.8xlarge=52008469:0 \#
        c7g.large=3F48ACC6:0 c7g.xlarge=4A5B28AA:0 c7i.12xlarge=D98C40FA:0 c7i.16xlarge=4B9D3092:0 c7i.24xlarge=B78A48C6:0 \#
        c7i.2xlarge=41DD34AF:0 c7i.48xlarge=176880B1:0 c7i.4xlarge=8C4E467D:0 c7i.8xlarge=DD693DF2:0 c7i.large=9FCA2A26:0 \#
        c7i.xlarge=9A5FC4CF:0 eia1.large=58672BCE:0 eia1.medium=01E4E529:0 eia1.xlarge=8D013305:0 eia2.large=9E017069:0 \#
        eia2.medium=77C35A0F:0 eia2.xlarge=448C2416:0 g4dn.12xlarge=07BEB181:0 g4dn.16xlarge=8679F6F3:0 g4dn.2xlarge=EA346344:0 \#
        g4dn.4xlarge=31522FA6:0 g4dn.8xlarge=7D28AD75:0 g4dn.xlarge=B67CFA0C:0 g5.12xlarge=65C4BD00:0 g5.16xlarge=962705EA:0 \#
        g5.24xlarge=6821867B:0 g5.2xlarge=9614C779:0 g5.48xlarge=0100B823:0 g5.4xlarge=C1B9A48D:0 g5.8xlarge=065D610E:0 \#
        g5.xlarge=1928E07B:0 inf1.24xlarge=F971E784:0 inf1.2xlarge=495AAEE0:0 inf1.6xlarge=574C8A05:0 inf1.xlarge=B2B3BA64:0 \#
        inf2.24xlarge=9C39178F:0 inf2.48xlarge=286C98BC:0 inf2.8xlarge=F761337C:0 inf2.xlarge=C8AB7CDA:0 m4.10xlarge=C4008A6B:0 \#
        m4.16xlarge=BCA7D0DE:0 m4.2xlarge=6198DF25:0 m4.4xlarge=3727EAE2:0 m4.xlarge=97CF11BE:0 m5.12xlarge=A9F2A8B3:0 \#
        m5.16xlarge=54462FCC:0 m5.24xlarge=329751EB:0 m5.2xlarge=C88C8F13:0 m5.4xlarge=E2649D46:0 m5.8xlarge=92566F3C:0 \#
        m5.large=614B09FD:0 m5.xlarge=2F737F8D:0 m5d.12xlarge=B7AC53F5:0 m5d.16xlarge=F6E740CB:0 m5d.24xlarge=24B12C23:0 \#
        m5d.2xlarge=8F28AFFB:0 m5d.4xlarge=2BF1C629:0 m5d.8xlarge=A7702AF9:0 m5d.large=98F45D48:0 m5d.xlarge=3E65B286:0 \#
        m5dn.12xlarge=5EF89E74:0 m5dn.16xlarge=D075BB65:0 m5dn.24xlarge=62190228:0 m5dn.2xlarge=DCC57354:0 \#
        m5dn.4xlarge=EC92C7B3:0 m5dn.8xlarge=178948BA:0 m5dn.large=7597F90B:0 m5dn.xlarge=D16917AC:0 m5n.12xlarge=DEF2CD40:0 \#
        m5n.16xlarge=2B921E27:0 m5n.24xlarge=A2C9F8F4:0 m5n.2xlarge=F8B07B25:0 m5n.4xlarge=63D6BD37:0 m5n.8xlarge=1F61C5BC:0 \#
        m5n.large=AD7FD6A6:0 m5n.xlarge=943961F3:0 m6g.12xlarge=9D10CA98:0 m6g.16xlarge=AF1BC9E1:0 m6g.2xlarge=BCBC84AA:0 \#
        m6g.4xlarge=8EE25AE3:0 m6g.8xlarge=DE9841A6:0 m6g.large=C1E62DF0:2 m6g.xlarge=2D2AAC6C:1 m6gd.12xlarge=B25B9B93:0 \#
        m6gd.16xlarge=B46EE84C:0 m6gd.2xlarge=AB53E0CA:0 m6gd.4xlarge=CCA2CA42:0 m6gd.8xlarge=95B12835:0 m6gd.large=1630284B:0 \#
        m6gd.xlarge=4F185009:0 m7i.12xlarge=0AFA3D20:0 m7i.16xlarge=6F258322:0 m7i.24xlarge=C473817C:0 m7i.2xlarge=6C9165E8:0 \#
        m7i.48xlarge=452C73A2:0 m7i.4xlarge=80F387A8:0 m7i.8xlarge=AE505887:0 m7i.large=3E715088:0 m7i.xlarge=E793924B:0 \#
        p2.16xlarge=B638D452:0 p2.8xlarge=BD0BDFDA:0 p2.xlarge=FD469689:0 p3.16xlarge=6A85BC13:0 p3.2xlarge=1623D0BE:0 \#
        p3.8xlarge=CB985DC5:0 p4d.24xlarge=09F79647:0 p4de.24xlarge=456B4C5F:0 p5.48xlarge=16AF71F1:0 r5.12xlarge=23FF30BF:0 \#
        r5.16xlarge=DCB12F9E:0 r5.24xlarge=B03C553E:0 r5.2xlarge=AA5E2462:0 r5.4xlarge=DD362E80:0 r5.8xlarge=7DD21282:0 \#
        r5.large=B156D5EC:0 r5.xlarge=BCA2C892:0 r5d.12xlarge=283CDA96:0 r5d.16xlarge=CC329F7E:0 r5d.24xlarge=D71E726A:0 \#
        r5d.2xlarge=A40ED4BA:0 r5d.4xlarge=C4DFBAA1:0 r5d.8xlarge=17BBB387:0 r5d.large=E0299BF7:0 r5d.xlarge=37CA4776:0 \#
        r5dn.12xlarge=599D6573:0 r5dn.16xlarge=1DA91421:0 r5dn.24xlarge=FF424265:0 r5dn.2xlarge=DDD9E4D2:0 \#
        r5dn.4xlarge=DDDCDBAA:0 r5dn.8xlarge=E8AF0CC9:0 r5dn.large=842D5E10:0 r5dn.xlarge=48F0F627:0 r5n.12xlarge=9F47FCE3:0 \#
        r5n.16xlarge=C14C7B0C:0 r5n.24xlarge=944A1241:0 r5n.2xlarge=581DD22D:0 r5n.4xlarge=3070F0B4:0 r5n.8xlarge=54340DBD:0 \#
        r5n.large=FE3BF22B:0 r5n.xlarge=4DD84AF9:0 r6g.12xlarge=DACE30FC:0 r6g.16xlarge=42EAE6FA:0 r6g.2xlarge=862299A2:0 \#
        r6g.4xlarge=713F6743:0 r6g.8xlarge=BB73F76A:0 r6g.large=D7FE33BF:0 r6g.xlarge=B8A3B4CE:0 r6gd.12xlarge=177D4E91:0 \#
        r6gd.16xlarge=6995701D:0 r6gd.2xlarge=93490D80:0 r6gd.4xlarge=AE2F2D88:0 r6gd.8xlarge=593EF138:0 r6gd.large=7432A529:0 \#
        r6gd.xlarge=660E0683:0 r7i.12xlarge=F43F60C3:0 r7i.16xlarge=E1AF5362:0 r7i.24xlarge=7E4516BC:0 r7i.2xlarge=FEEF2E8A:0 \#
        r7i.48xlarge=BD94420E:0 r7i.4xlarge=7EB267B3:0 r7i.8xlarge=CC3E5CD9:0 r7i.large=5B7CF402:0 r7i.xlarge=B7476528:0 \#
        t2.2xlarge=20700136:0 t2.large=1410387A:0 t2.medium=29C181D7:2 t2.xlarge=B82FDF78:0 trn1.2xlarge=5C911603:0 \#
        trn1.32xlarge=EA9871A7:0 trn1n.32xlarge=E3A0825E:0
        notebook instance usage|c4.2xlarge=A028E7A2:1 c4.4xlarge=27768634:0 c4.8xlarge=D0B132AA:0 c4.xlarge=786E9B47:2 \#
        c5.18xlarge=EF662387:0 c5.2xlarge=5F356922:1 c5.4xlarge=96B75525:0 c5.9xlarge=B5F303BE:0 c5.xlarge=39F5FD98:1 \#
        c5d.18xlarge=6C73443F:0 c5d.2xlarge=FF78806F:1 c5d.4xlarge=484388A9:0 c5d.9xlarge=9944ECC4:0 c5d.xlarge=4E9EE949:1 \#
        g4dn.12xlarge=47461EBA:0 g4dn.16xlarge=64067773:0 g4dn.2xlarge=1C2E1B03:0 g4dn.4xlarge=529379E4:0 g4dn.8xlarge=C2F8103D:0 \#
        g4dn.xlarge=D8B97089:0 g5.12xlarge=EC374A06:0 g5.16xlarge=001EDCEF:0 g5.24xlarge=4ACAC7A4:0 g5.2xlarge=19973BE2:0 \#
        g5.48xlarge=D266139B:0 g5.4xlarge=127D4C65:0 g5.8xlarge=5D8382CB:0 g5.xlarge=E8917BB7:0 inf1.24xlarge=2B2F8466:0 \#
        inf1.2xlarge=23F5AC7E:0 inf1.6xlarge=FF2BFCDC:0 inf1.xlarge=434233AD:0 m4.10xlarge=CEEF9A6E:0 m4.16xlarge=85E60595:0 \#
        m4.2xlarge=CE6894AA:0 m4.4xlarge=BE78F29C:0 m4.xlarge=E1249695:0 m5.12xlarge=9AD04286:0 m5.24xlarge=BD97DD7F:0 \#
        m5.2xlarge=95E39457:1 m5.4xlarge=862C1E14:0 m5.xlarge=76AB2C05:1 m5d.12xlarge=1DD0FB59:0 m5d.16xlarge=26EB4EC7:0 \#
        m5d.24xlarge=956703D9:0 m5d.2xlarge=6829423A:0 m5d.4xlarge=EDE09F63:0 m5d.8xlarge=AEB45880:0 m5d.large=195A207B:1 \#
        m5d.xlarge=7AA0FEE8:1 p2.16xlarge=39F2D553:0 p2.8xlarge=AC3A6D59:0 p2.xlarge=BBB3C62F:0 p3.16xlarge=4689E606:0 \#
        p3.2xlarge=1F4A5AAB:0 p3.8xlarge=619D6E43:0 p3dn.24xlarge=2E21A1FA:0 p4d.24xlarge=4089485C:0 p4de.24xlarge=6B0B7E9C:0 \#
        r5.12xlarge=5869E902:0 r5.16xlarge=924D392D:0 r5.24xlarge=D7FF3362:0 r5.2xlarge=8CB23490:0 r5.4xlarge=B74ED3C1:0 \#
        r5.8xlarge=DAE78A2A:0 r5.large=8BED04E5:1 r5.xlarge=85870296:1 t2.2xlarge=BE44390B:6 t2.large=94C3A7A1:6 \#
        t2.medium=7B2FD69B:6 t2.xlarge=9EFE4FAD:6 t3.2xlarge=FB715320:6 t3.large=8E454C05:6 t3.medium=E17566B7:6 \#
        t3.xlarge=E5884D25:6
        transform job usage|c4.2xlarge=589B0DBC:0 c4.4xlarge=90765203:0 c4.8xlarge=334DC079:0 c4.xlarge=E3C0D615:0 \#
        c5.18xlarge=B538D5DB:0 c5.2xlarge=9215A13F:0 c5.4xlarge=98742DAD:0 c5.9xlarge=2441079A:0 c5.xlarge=09C9B23C:0 \#
        g4dn.12xlarge=BA5C7A54:0 g4dn.16xlarge=D79647DB:0 g4dn.2xlarge=180A6F2D:0 g4dn.4xlarge=EAB0CBAB:0 g4dn.8xlarge=213CD3BC:0 \#
        g4dn.xlarge=4C5C5CA8:0 m4.10xlarge=63443CBC:0 m4.16xlarge=7FEDBA4C:0 m4.2xlarge=5B86ED31:0 m4.4xlarge=5F5255E9:0 \#
        m4.xlarge=DAB6AA41:0 m5.12xlarge=76A7309C:0 m5.24xlarge=5F2D4124:0 m5.2xlarge=F5689004:0 m5.4xlarge=3E1C9273:0 \#
        m5.large=236AE59F:0 m5.xlarge=7939E4EC:0 p2.16xlarge=1F6E213E:0 p2.8xlarge=0C630A26:0 p2.xlarge=89843D09:0 \#
        p3.16xlarge=A0B4500D:0 p3.2xlarge=45F58E7E:0 p3.8xlarge=F93088C1:0
        cluster usage|c5.12xlarge=15BCD638:0 c5.18xlarge=819B4B27:0 c5.24xlarge=40F00B06:0 c5.2xlarge=539D704C:0 \#
        c5.4xlarge=3A6AD204:0 c5.9xlarge=9AD1D725:0 c5.large=B644CD97:0 c5.xlarge=AD3B35FF:0 c5n.18xlarge=D8A40472:0 \#
        c5n.2xlarge=7064D1BA:0 c5n.4xlarge=DC93118C:0 c5n.9xlarge=1B687CD5:0 c5n.large=551F1065:0 g4dn.12xlarge=ED8F1994:0 \#
        g4dn.16xlarge=B6A7569B:0 g4dn.2xlarge=FDB7A21A:0 g4dn.4xlarge=762E95F4:0 g4dn.8xlarge=96866D65:0 g4dn.xlarge=31C211B7:0 \#
        g5.12xlarge=24E5A1B2:0 g5.16xlarge=86822EDB:0 g5.24xlarge=EED7F51C:0 g5.2xlarge=596C3331:0 g5.48xlarge=D7D95295:0 \#
        g5.4xlarge=8A6C3F0E:0 g5.8xlarge=1619F5B7:0 g5.xlarge=4645950E:0 m5.12xlarge=E2A0AC0F:0 m5.16xlarge=048C491E:0 \#
        m5.24xlarge=B232DF69:0 m5.2xlarge=60995545:0 m5.4xlarge=24520F3F:0 m5.8xlarge=5C47EA70:0 m5.large=E64F3C7F:0 \#
        m5.xlarge=E9225B85:0 p4d.24xlarge=47E0BC8F:0 p4de.24xlarge=BEF3120E:0 p5.48xlarge=8762A75F:0 t3.2xlarge=EC104295:0 \#
        t3.large=7B131A59:0 t3.medium=FD4AD312:0 t3.xlarge=E5A7A988:0 trn1.32xlarge=6865522E:0 trn1n.32xlarge=82D4B920:0
        """#
}
