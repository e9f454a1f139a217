# The tutorial as Terraform has it, with the data sources that such files read.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {}

variable "tasks" {
  default = 1
}

data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_vpc" "default" {
  default = true
}
data "aws_ec2_instance_type" "small" {
  instance_type = "t3.micro"
}
data "aws_ec2_instance_type_offerings" "zones" {
  location_type = "availability-zone"
  filter {
    name   = "instance-type"
    values = ["t3.micro"]
  }
}
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
  filter {
    name   = "availability-zone"
    values = slice(sort(data.aws_ec2_instance_type_offerings.zones.locations), 0, 2)
  }
}
data "aws_ssm_parameter" "image" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_security_group" "elb" {
  name = "my-elb-sg"
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "ecs" {
  name = "my-ecs-sg"
  tags = { team = "a", empty = "" }
}
resource "aws_vpc_security_group_ingress_rule" "from_elb" {
  security_group_id            = aws_security_group.ecs.id
  referenced_security_group_id = aws_security_group.elb.id
  ip_protocol                  = "tcp"
  from_port                    = 1
  to_port                      = 65535
}
resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.ecs.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_iam_role" "instance" {
  name               = "ecsInstanceRole"
  description        = "Container instances"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy_attachment" "instance" {
  role       = aws_iam_role.instance.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
}
resource "aws_iam_instance_profile" "instance" {
  name = "ecsInstanceRole"
  role = aws_iam_role.instance.name
}

resource "aws_cloudwatch_log_group" "web" {
  name              = "/ecs/web"
  retention_in_days = 7
}
resource "aws_ecs_cluster" "main" {
  name = "my-cluster"
}
resource "aws_instance" "container" {
  ami                    = data.aws_ssm_parameter.image.value
  instance_type          = data.aws_ec2_instance_type.small.instance_type
  subnet_id              = data.aws_subnets.default.ids[0]
  vpc_security_group_ids = [aws_security_group.ecs.id]
  iam_instance_profile   = aws_iam_instance_profile.instance.name
  monitoring             = true
  user_data              = "#!/bin/bash\necho ECS_CLUSTER=${aws_ecs_cluster.main.name} >> /etc/ecs/ecs.config\n"
  root_block_device {
    encrypted   = true
    volume_type = "gp3"
    volume_size = 40
  }
  metadata_options {
    http_tokens = "required"
  }
  depends_on = [aws_vpc_security_group_egress_rule.out, aws_iam_role_policy_attachment.instance]
}
resource "aws_ecs_task_definition" "web" {
  family = "sinatra-hi"
  container_definitions = jsonencode([{
    name              = "web"
    image             = "tongueroo/sinatra:latest"
    cpu               = 128
    memoryReservation = 128
    command           = ["ruby", "hi.rb"]
    essential         = true
    portMappings      = [{ containerPort = 4567, protocol = "tcp" }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = aws_cloudwatch_log_group.web.name, awslogs-region = data.aws_region.here.name }
    }
  }])
}

resource "aws_lb" "main" {
  name            = "my-elb"
  subnets         = data.aws_subnets.default.ids
  security_groups = [aws_security_group.elb.id]
}
resource "aws_lb_target_group" "web" {
  name                 = "my-target-group"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 5
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_lb_listener_rule" "ping" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10
  condition {
    path_pattern {
      values = ["/ping"]
    }
  }
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "200"
      message_body = "pong"
    }
  }
}
resource "aws_ecs_service" "web" {
  name                  = "my-service"
  cluster               = aws_ecs_cluster.main.id
  task_definition       = aws_ecs_task_definition.web.arn
  desired_count         = var.tasks
  wait_for_steady_state = true
  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "web"
    container_port   = 4567
  }
  depends_on = [aws_lb_listener.http, aws_instance.container]
}

output "url" {
  value = "http://${aws_lb.main.dns_name}/"
}
